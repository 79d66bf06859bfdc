"""Tests for planning the start of a machine that an apply left stopped.

The kind: what an apply owes the cloud is in the plan, also when every declared property is equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from gitbot.model.cloud import Power
from gitbot.model.desired import DesiredOutput, Lifecycle
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Absent, Observation, Unread
from gitbot.model.plan import Action
from gitbot.model.recorded import RecordedOutput
from gitbot.model.values import Unknown
from gitbot.render.plan_words import count_changes, plan_headline
from gitbot.render.terminal import plan_lines
from tests.unit.reconciler.planning_world import (
    BUCKET,
    MACHINE,
    absent,
    change_of,
    plan_of,
    power_intent,
    present,
    record,
    resource,
    stack,
    state,
    unknown,
)

OURS = record("vm", MACHINE, {"Size": "s"})
WANTED = stack(resource("vm", MACHINE, {"Size": "s"}))
OFF = present("vm", Size="s", Power="stopped")
OWED = state(OURS, intents=(power_intent(OURS),))
SAID = "An earlier apply stopped it and did not start it again, so it is started."


@pytest.mark.parametrize(
    ("recorded", "seen", "starts"),
    [
        pytest.param(OWED, OFF, 1, id="the start was refused, or the apply was killed before it"),
        pytest.param(OWED, {Address("vm"): Unread()}, 1, id="the cloud was not read"),
        pytest.param(
            OWED, present("vm", Size="s", Power="running"), 0, id="a person has started it since"
        ),
        pytest.param(state(OURS), OFF, 0, id="a person stopped it"),
        pytest.param(
            state(OURS, intents=(power_intent(OURS, Power.STOPPED),)), OFF, 0, id="it must be off"
        ),
        pytest.param(
            state(OURS, intents=(power_intent(replace(OURS, remote_id=RemoteId("id-old"))),)),
            OFF,
            0,
            id="the intent is about the machine that had the address before",
        ),
    ],
)
def test_what_an_apply_left_stopped_is_a_planned_start(
    recorded: object, seen: Mapping[Address, Observation], starts: int
) -> None:
    plan = plan_of(WANTED, recorded, seen)  # type: ignore[arg-type]
    change = change_of(plan, "vm")
    assert (change.starts, plan.starts, plan.empty) == (bool(starts), starts, not starts)
    assert (change.action, change.paths) == (Action.NOOP, ())
    assert plan.asks_nobody, "recovery starts it without asking, so no apply may wait for consent"
    assert plan.digest == plan_of(WANTED, state(OURS), OFF).digest


def test_a_start_is_on_the_summary_line_and_says_why() -> None:
    plan = plan_of(WANTED, OWED, OFF)
    assert (plan_headline(plan), count_changes([plan, plan])) == ("1 to start", "2 to start")
    assert [line.text for line in plan_lines(plan)][1:-1] == [
        "1 to start.",
        "  ~ vm Test::Machine will be started",
        f"      {SAID}",
        "      In the cloud it is `id-vm`.",
    ]


def test_a_start_stands_beside_other_changes_and_is_not_counted_twice() -> None:
    larger = stack(resource("vm", MACHINE, {"Size": "l"}), resource("data", BUCKET, {}))
    plan = plan_of(larger, OWED, OFF)
    assert change_of(plan, "vm").starts
    assert change_of(plan, "vm").reasons[0] == SAID
    assert plan_headline(plan) == "1 to create, 1 to update"
    assert plan.digest == plan_of(larger, state(OURS), OFF).digest
    both = plan_of(replace(larger, resources={**larger.resources, **WANTED.resources}), OWED, OFF)
    assert plan_headline(both) == "1 to create, 1 to start"
    assert not both.asks_nobody


def test_a_loss_elsewhere_keeps_the_start_on_the_summary_line() -> None:
    gone = record("data", BUCKET, {"BucketName": "b"})
    recorded = state(OURS, gone, intents=OWED.intents)
    plan = plan_of(WANTED, recorded, OFF | present("data", BucketName="b"))
    assert plan_headline(plan) == "1 to delete: all its data is lost; 1 to start"


def test_a_machine_that_goes_is_not_started() -> None:
    for wanted, seen in (
        (stack(resource("vm", MACHINE, {"Size": "s", "Image": "new"})), OFF),
        (stack(), OFF),
        (WANTED, absent("vm")),
    ):
        assert isinstance(seen[Address("vm")], Absent) or plan_of(wanted, OWED, seen).effective
        assert not any(change.starts for change in plan_of(wanted, OWED, seen).changes)


@pytest.mark.parametrize(
    ("seen", "starts"),
    [
        pytest.param(OFF, True, id="it stays in the cloud, and recovery starts it first"),
        pytest.param(present("vm", Size="s", Power="running"), False, id="it runs by now"),
        pytest.param(absent("vm"), False, id="it is gone"),
    ],
)
def test_a_machine_that_is_only_taken_out_of_state_is_started_before(
    seen: Mapping[Address, Observation], starts: bool
) -> None:
    kept = replace(OURS, retain=True)
    change = change_of(plan_of(stack(), state(kept, intents=OWED.intents), seen), "vm")
    assert (change.action, change.starts) == (Action.FORGET, starts)
    assert (SAID in change.reasons) is starts


def test_a_machine_with_a_new_address_is_started_all_the_same() -> None:
    moved = Lifecycle(moved=Address("vm"))
    plan = plan_of(
        stack(resource("trainer", MACHINE, {"Size": "s"}, lifecycle=moved)),
        OWED,
        {Address("trainer"): OFF[Address("vm")]},
    )
    assert (plan.starts, plan.asks_nobody) == (1, False)


def test_what_a_start_changes_is_not_known_before_it() -> None:
    outputs = {"ip": DesiredOutput(value=unknown("${vm.PublicIp}"))}
    recorded = replace(OWED, outputs={"ip": RecordedOutput(value="1.2.3.4")})
    plan = plan_of(
        replace(WANTED, outputs=outputs),
        recorded,
        present("vm", Size="s", Power="stopped", PublicIp="1.2.3.4"),
    )
    assert isinstance(plan.outputs[0].after, Unknown)
