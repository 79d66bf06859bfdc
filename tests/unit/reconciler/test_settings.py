"""Tests of one kind: two deeds that differ in a flag alone had one digest, and no words.

A flag that changes what an apply does now or later is in the plan, in its digest and in its text.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gitbot.errors import SpecError
from gitbot.model.desired import Lifecycle
from gitbot.model.hours import (
    MACHINE_SETTINGS,
    NO_RULES,
    Busy,
    BusyMetric,
    MachineRules,
    OffHours,
    PreStop,
)
from gitbot.model.names import Address
from gitbot.model.plan import Action, Plan, SettingChange
from gitbot.model.recorded import Deposed
from gitbot.model.schema import ReplaceOrder
from gitbot.model.timeouts import Timeouts
from gitbot.render.blocks import Fold
from gitbot.render.plan_words import plan_summary
from gitbot.render.plans import plan_blocks
from gitbot.render.terminal import plan_lines
from tests.unit.reconciler.planning_world import (
    BUCKET,
    change_of,
    plan_of,
    present,
    record,
    resource,
    stack,
    state,
)

NAME = {"BucketName": "b"}
KEPT: dict[str, Any] = {"ignore_changes": (), "replace": None}


def planned(lifecycle: Lifecycle, **recorded: Any) -> Plan:
    """The plan of a bucket that is as the spec says, but for its lifecycle."""
    return plan_of(
        stack(resource("data", BUCKET, NAME, lifecycle=lifecycle)),
        state(record("data", BUCKET, NAME, **{**KEPT, **recorded})),
        present("data", **NAME),
    )


@pytest.mark.parametrize(
    ("lifecycle", "recorded", "expected", "words"),
    [
        pytest.param(
            Lifecycle(protect=False),
            {"protect": True},
            SettingChange(name="protect", before=True),
            "`lifecycle.protect` changes from yes to no: once this is applied, it may be deleted",
            id="protection taken away",
        ),
        pytest.param(
            Lifecycle(protect=True),
            {},
            SettingChange(name="protect", after=True),
            "`lifecycle.protect` changes from no to yes.",
            id="protection given",
        ),
        pytest.param(
            Lifecycle(retain=True),
            {},
            SettingChange(name="retain", after=True),
            "`lifecycle.retain` changes from no to yes.",
            id="retain",
        ),
        pytest.param(
            Lifecycle(timeouts=Timeouts(create=timedelta(hours=1), delete=timedelta(minutes=90))),
            {},
            SettingChange(name="timeouts", after="create 1h, delete 1h30m"),
            "`lifecycle.timeouts` changes from none to `create 1h, delete 1h30m`.",
            id="timeouts",
        ),
        pytest.param(
            Lifecycle(),
            {"timeouts": Timeouts(update=timedelta(minutes=1))},
            SettingChange(name="timeouts", before="update 1m"),
            "`lifecycle.timeouts` changes from `update 1m` to none.",
            id="no timeouts",
        ),
        pytest.param(
            Lifecycle(empty_on_delete=True),
            {},
            SettingChange(name="emptyOnDelete", after=True),
            "`lifecycle.emptyOnDelete` changes from no to yes.",
            id="emptyOnDelete",
        ),
        pytest.param(
            Lifecycle(ignore_changes=("/Tags", "/Lifecycle")),
            {"ignore_changes": ("/Tags",)},
            SettingChange(name="ignoreChanges", before=["/Tags"], after=["/Lifecycle", "/Tags"]),
            "`lifecycle.ignoreChanges` changes from `/Tags` to `/Lifecycle`, `/Tags`.",
            id="ignoreChanges",
        ),
        pytest.param(
            Lifecycle(may_drift=("/Tags",)),
            {},
            SettingChange(name="ignoreDrift", after=["/Tags"]),
            "`lifecycle.ignoreDrift` changes from none to `/Tags`.",
            id="ignoreDrift",
        ),
        pytest.param(
            Lifecycle(replace=ReplaceOrder.CREATE_FIRST),
            {},
            SettingChange(name="replace", after=ReplaceOrder.CREATE_FIRST),
            "`lifecycle.replace` changes from none to `create-first`.",
            id="the order of a replacement",
        ),
    ],
)
def test_a_change_of_one_setting_is_planned_named_and_shown(
    lifecycle: Lifecycle, recorded: dict[str, Any], expected: SettingChange, words: str
) -> None:
    """It was "Nothing to do", with the digest of a plan that does nothing."""
    plan = planned(lifecycle, **recorded)
    change = change_of(plan, "data")
    assert (change.action, change.settings) == (Action.NOOP, (expected,))
    assert not plan.empty
    assert plan.digest != planned(Lifecycle()).digest
    assert plan_summary(plan).startswith("only lifecycle settings change")
    (fold,) = [block for block in plan_blocks(plan) if isinstance(block, Fold)]
    assert words in "\n".join(span.text for remark in fold.remarks for span in remark)
    assert any(words in line.text for line in plan_lines(plan))


def test_the_settings_of_a_new_object_are_said_and_nothing_changes() -> None:
    wanted = Lifecycle(protect=True, ignore_changes=("/Tags",))
    plan = plan_of(stack(resource("data", BUCKET, NAME, lifecycle=wanted)), None)
    (fold,) = [block for block in plan_blocks(plan) if isinstance(block, Fold)]
    words = [span.text for remark in fold.remarks for span in remark]
    assert "`lifecycle.protect` is yes." in words
    assert "`lifecycle.ignoreChanges` is `/Tags`." in words


@pytest.mark.parametrize(
    ("lifecycle", "recorded"),
    [
        pytest.param(Lifecycle(), {}, id="none"),
        pytest.param(
            Lifecycle(protect=True, retain=True), {"protect": True, "retain": True}, id="on"
        ),
        pytest.param(
            Lifecycle(ignore_changes=("/B", "/A")), {"ignore_changes": ("/A", "/B")}, id="order"
        ),
        pytest.param(
            Lifecycle(ignore_changes=("/A",), replace=ReplaceOrder.DELETE_FIRST),
            {"ignore_changes": None},
            id="an earlier version recorded neither",
        ),
    ],
)
def test_settings_that_are_as_recorded_are_no_change(
    lifecycle: Lifecycle, recorded: dict[str, Any]
) -> None:
    assert planned(lifecycle, **recorded).empty


def test_a_new_object_is_planned_with_its_settings() -> None:
    def create(lifecycle: Lifecycle) -> Plan:
        return plan_of(stack(resource("data", BUCKET, NAME, lifecycle=lifecycle)))

    plan = create(Lifecycle(retain=True))
    assert change_of(plan, "data").settings == (SettingChange(name="retain", after=True),)
    assert plan.digest != create(Lifecycle()).digest


def test_a_deletion_with_the_contents_is_another_deed_than_one_without() -> None:
    def destroy(*, empties: bool) -> Plan:
        recorded = record("data", BUCKET, NAME, empty_on_delete=empties)
        return plan_of(None, state(recorded), present("data", **NAME))

    emptied, kept = destroy(empties=True), destroy(empties=False)
    assert emptied.digest != kept.digest
    assert any("Everything in it is deleted first" in line.text for line in plan_lines(emptied))
    assert not any("Everything in it" in line.text for line in plan_lines(kept))


@pytest.mark.parametrize(
    ("recorded", "wanted", "empties"),
    [(False, False, False), (True, False, True), (False, True, True)],
    ids=["neither", "as recorded", "as the spec says now"],
)
def test_a_replacement_says_whether_the_old_object_is_emptied(
    recorded: bool, wanted: bool, empties: bool
) -> None:
    """The walk empties the old object when the record or the spec says so."""
    old = record("data", BUCKET, NAME, empty_on_delete=recorded)
    new = resource("data", BUCKET, {"BucketName": "c"}, lifecycle=Lifecycle(empty_on_delete=wanted))
    plan = plan_of(stack(new), state(old), present("data", **NAME))
    assert change_of(plan, "data").action is Action.REPLACE
    assert change_of(plan, "data").empties is empties
    deposed = Deposed(resource=replace(old, address=Address("data")), operation="op")
    live = replace(old, properties={"BucketName": "c"}, empty_on_delete=wanted)
    left = plan_of(stack(new), state(live, deposed=(deposed,)), present("data", BucketName="c"))
    (gone,) = [each for each in left.changes if each.deposed_operation]
    assert gone.empties is empties


def test_what_was_recorded_as_protected_is_not_replaced_by_the_change_that_unprotects_it() -> None:
    """One step took the protection away and used it at once."""
    with pytest.raises(SpecError) as caught:
        plan_of(
            stack(resource("data", BUCKET, {"BucketName": "c"}, lifecycle=Lifecycle())),
            state(record("data", BUCKET, NAME, protect=True)),
            present("data", **NAME),
        )
    (found,) = caught.value.diagnostics
    assert found.code == "protected"
    assert "in a change of its own first" in found.fix


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (NO_RULES, MachineRules(off_hours=OffHours(text="")), "`offhours` changes from none to `on`."),
        (
            MachineRules(off_hours=OffHours(text="off=(F,7)")),
            MachineRules(off_hours=OffHours(text="off=(F,8)")),
            "`offhours` changes from `off=(F,7)` to `off=(F,8)`.",
        ),
        (
            MachineRules(off_hours=OffHours(text="on", enforce=True)),
            MachineRules(off_hours=OffHours(text="on")),
            "`offhours.enforce` changes from yes to no.",
        ),
        (
            MachineRules(busy=Busy()),
            NO_RULES,
            "`busy` changes from `tag gitbot:busy-until, for at most 12h` to none.",
        ),
        (
            NO_RULES,
            MachineRules(busy=Busy(metric=BusyMetric(namespace="CWAgent", name="gpu", above=5))),
            "to `Maximum of CWAgent gpu above 5 in 30m, for at most 12h`.",
        ),
        (
            NO_RULES,
            MachineRules(pre_stop=PreStop(command="./save")),
            "`preStop` changes from none to `./save, for at most 5m`.",
        ),
        (NO_RULES, MachineRules(discards_disks=True), "`instanceStore` changes from none to `discard`."),
    ],
)  # fmt: skip
def test_what_a_spec_says_about_the_power_of_a_machine_is_agreed_to(
    before: MachineRules, after: MachineRules, words: str
) -> None:
    desired = replace(resource("data", BUCKET, NAME), machine=after)
    known = state(record("data", BUCKET, NAME, **KEPT, machine=before))
    plan = plan_of(stack(desired), known, present("data", **NAME))
    (setting,) = change_of(plan, "data").settings
    assert setting.name in MACHINE_SETTINGS
    assert not plan.asks_nobody
    assert plan.digest != planned(Lifecycle()).digest
    assert any(words in line.text for line in plan_lines(plan))
