"""What nobody can read is compared by the mark that the cloud shows of it, and put back as drift.

The kind: a function whose code somebody replaced, with a plan that has nothing to do.
"""

from __future__ import annotations

from typing import Any

import pytest

from gitbot.decisions.drift.adopting import UNREADABLE, adopt
from gitbot.model.desired import Lifecycle
from gitbot.model.drift import Differs
from gitbot.model.names import Address
from gitbot.model.plan import Action, Cause, Plan
from gitbot.model.recorded import RecordedStack
from gitbot.model.requests import Requests
from gitbot.model.schema import Route, TypeSchema
from gitbot.reconciler.drift import differences
from gitbot.reconciler.partial import after_failed_update
from gitbot.reconciler.recording import observed_record
from gitbot.reconciler.refreshing import refresh
from tests.unit.reconciler.planning_world import (
    REDACT,
    TYPES,
    change_of,
    plan_of,
    present,
    record,
    resource,
    stack,
    state,
)

FUNCTION = TypeSchema(
    name="Test::Function",
    route=Route.NATIVE,
    write_only=("/Code",),
    marks={"/Code": "Sum"},
    requests=Requests(together=(frozenset({"Code", "Chip"}),)),
)
HAS = {"Code": {"Key": "a", "Part": "1"}, "Timeout": 3}
SPEC = """\
spec:
  resources:
    a: {type: Test::Function, properties: {Code: {Key: a, Part: "1"}, Timeout: 3}}
"""
KINDS = {**TYPES, FUNCTION.name: FUNCTION}
OTHERS = {"Timeout": 3, "Sum": "other"}


def applied(**attributes: Any) -> RecordedStack:
    return state(record("a", FUNCTION, HAS, attributes=attributes or {"Sum": "own"}))


def plan_with(desired: Any, recorded: RecordedStack, seen: Any) -> Plan:
    return plan_of(desired, recorded, seen, schemas=KINDS.get)


def wanted(lifecycle: Lifecycle | None = None, **more: Any) -> Any:
    return stack(resource("a", FUNCTION, {**HAS, **more}, lifecycle=lifecycle))


def test_other_contents_are_drift_that_the_next_apply_puts_back() -> None:
    plan = plan_with(wanted(), applied(), present("a", **OTHERS))
    change = change_of(plan, "a")
    (path,) = change.paths
    assert (change.action, path.path, path.after) == (Action.UPDATE, "/Code", HAS["Code"])
    assert (path.before, path.cause) == ("Sum other", Cause.DRIFT)
    assert "another Sum" in path.note
    assert [one.path for drift in plan.drift for one in drift.paths] == ["/Code"]
    (found,) = differences(applied(), present("a", **OTHERS), KINDS.get, REDACT, ignored={})
    assert (found.path, found.how, found.observed) == ("/Code", Differs.CHANGED, "Sum other")


@pytest.mark.parametrize(
    ("recorded", "seen"), [({"Sum": "own"}, "own"), ({"Arn": "a"}, "other"), ({"Sum": "own"}, None)]
)
def test_the_same_contents_and_unknown_ones_are_no_drift(
    recorded: dict[str, Any], seen: str | None
) -> None:
    observed = present("a", Timeout=3, Sum=seen)
    assert change_of(plan_with(wanted(), applied(**recorded), observed), "a").action is Action.NOOP
    assert differences(applied(**recorded), observed, KINDS.get, REDACT, ignored={}) == ()


def test_a_spec_with_other_code_is_a_change_and_the_drift_is_shown_beside_it() -> None:
    plan = plan_with(wanted(Code={"Key": "b", "Part": "1"}), applied(), present("a", **OTHERS))
    (path,) = change_of(plan, "a").paths
    assert path.cause is Cause.CHANGE
    assert [one.path for drift in plan.drift for one in drift.paths] == ["/Code"]


@pytest.mark.parametrize("path", ["/Code", "/Code/Key"])
def test_code_that_somebody_else_delivers_is_left_alone(path: str) -> None:
    plan = plan_with(wanted(Lifecycle(ignore_changes=(path,))), applied(), present("a", **OTHERS))
    assert change_of(plan, "a").action is Action.NOOP


def test_an_update_records_the_mark_of_what_it_sent_alone() -> None:
    (one,) = applied().resources.values()
    marks = [
        observed_record(one, OTHERS, FUNCTION, sent).attributes["Sum"]
        for sent in ({"Code"}, {"Chip"}, {"Timeout"})
    ]
    assert marks == ["other", "other", "own"]
    assert after_failed_update(one, one, OTHERS, FUNCTION).attributes["Sum"] == "own"
    assert observed_record(record("a", FUNCTION, HAS), OTHERS, FUNCTION).attributes == OTHERS


def test_a_refresh_does_not_take_over_contents_that_nobody_can_read() -> None:
    before, seen = applied(), present("a", **{**OTHERS, "Timeout": 9})
    found = refresh(before, seen, {}, KINDS.get, REDACT, str)
    after = found.after.resources[Address("a")]
    assert after.properties == {"Code": HAS["Code"], "Timeout": 9}
    assert ([one.path for one in found.taken], [one.path for one in found.kept]) == (
        ["/Timeout"],
        ["/Code"],
    )
    assert found.kept[0].detail.startswith("The cloud does not show what it holds")


def test_contents_that_nobody_can_read_are_not_written_into_a_spec() -> None:
    drift = plan_with(wanted(), applied(), present("a", **OTHERS)).drift
    found = adopt(SPEC, 0, drift, lambda _: None)
    assert found.text == SPEC
    assert [(one.path, one.why) for one in found.left] == [("/Code", UNREADABLE)]
