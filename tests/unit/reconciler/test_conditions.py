"""What a plan says of preconditions, postconditions and checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from gitbot.errors import SpecError, UserError
from gitbot.language.bind import bind as language_bind
from gitbot.model.conditions import Condition, ConditionKind, OpenCondition
from gitbot.model.desired import DesiredStack, Lifecycle
from gitbot.model.names import Address
from gitbot.model.plan import Plan
from gitbot.model.values import Sensitive, Unknown, Value
from gitbot.reconciler.conditions import holds, require
from tests.unit.reconciler.planning_world import (
    GROUP,
    SPAN,
    plan_of,
    present,
    record,
    resource,
    stack,
    state,
)

NAMED = {"Description": "d"}
PRE, POST, CHECK = ConditionKind
ID = Unknown(template='${g.GroupId == "sg-1"}', references={"g": Address("g")})
OWN = Unknown(template='${self.GroupId == "sg-1"}', references={"self": Address("user")})


def bind(requests: Sequence[tuple[Unknown, Mapping[Address, Mapping[str, Any]]]]) -> list[Value]:
    return [language_bind(*one) for one in requests]


def must(that: Value, says: str = "it must") -> Condition:
    return Condition(that=that, says=says, source=SPAN)


def wanted(
    pre: Value = True, post: Value = True, check: Value = True, description: str = "d"
) -> DesiredStack:
    lifecycle = Lifecycle(preconditions=(must(pre),), postconditions=(must(post),))
    found = stack(
        resource("g", GROUP, NAMED),
        resource("user", GROUP, {"Description": description}, needs=["g"], lifecycle=lifecycle),
    )
    return replace(found, checks={"checks.one": must(check)})


def planned(desired: DesiredStack, group: str | None = None) -> Plan:
    """The plan where nothing exists; or where both groups do, with this id."""
    if group is None:
        return plan_of(desired, bind=bind)
    recorded = state(record("g", GROUP, NAMED), record("user", GROUP, NAMED, needs=["g"]))
    seen = present("g", GroupId=group, **NAMED) | present("user", GroupId=group, **NAMED)
    return plan_of(desired, recorded, seen, bind=bind)


def open_(kind: ConditionKind, address: str, holds: bool | None) -> OpenCondition:
    return OpenCondition(kind=kind, address=address, says="it must", holds=holds)


CASES: list[tuple[DesiredStack, str | None, tuple[OpenCondition, ...]]] = [
    (wanted(), None, ()),
    (wanted(pre=ID), None, (open_(PRE, "user", None),)),
    (wanted(pre=ID), "sg-1", ()),
    (wanted(post=OWN), None, (open_(POST, "user", None),)),
    (wanted(post=OWN), "sg-1", ()),
    (wanted(post=OWN), "sg-2", (open_(POST, "user", False),)),
    # A new object is made: what the old one has says nothing.
    (wanted(post=OWN, description="e"), "sg-2", (open_(POST, "user", None),)),
    (wanted(check=False), None, (open_(CHECK, "checks.one", False),)),
    (wanted(check=ID), None, (open_(CHECK, "checks.one", None),)),
    (wanted(check=ID), "sg-1", ()),
    (wanted(check=ID), "sg-2", (open_(CHECK, "checks.one", False),)),
    # What a check makes of the values is neither true nor false: nobody knows whether it holds.
    (
        wanted(check=Unknown(template="${g.GroupId}", references={"g": Address("g")})),
        "sg-2",
        (open_(CHECK, "checks.one", None),),
    ),
]


@pytest.mark.parametrize(("desired", "group", "found"), CASES)
def test_a_plan_tells_what_does_not_hold_and_what_only_an_apply_can_ask(
    desired: DesiredStack, group: str | None, found: tuple[OpenCondition, ...]
) -> None:
    plan = planned(desired, group)
    assert plan.conditions == found
    assert plan.digest == planned(wanted(description=_description(desired)), group).digest


def _description(desired: DesiredStack) -> str:
    return str(desired.resources[Address("user")].properties["Description"])


@pytest.mark.parametrize(
    ("desired", "group", "code"),
    [
        (wanted(pre=False), None, "precondition-failed"),
        (wanted(pre=False), "sg-1", "precondition-failed"),
        (wanted(pre=ID), "sg-2", "precondition-failed"),
        (wanted(post=False), None, "postcondition-failed"),
    ],
)
def test_what_cannot_hold_refuses_the_plan(
    desired: DesiredStack, group: str | None, code: str
) -> None:
    with pytest.raises(SpecError) as refused:
        planned(desired, group)
    (found,) = refused.value.diagnostics
    assert (found.code, found.line) == (code, SPAN.line)
    assert "`user` is false: it must." in found.detail


def test_a_destruction_asks_nothing() -> None:
    recorded = state(record("g", GROUP, NAMED))
    assert plan_of(None, recorded, present("g", GroupId="sg-2")).conditions == ()


def test_a_verdict_is_true_or_false() -> None:
    assert holds(Sensitive(False)) is False
    assert holds(ID) is None
    with pytest.raises(UserError, match="true or false"):
        holds("yes")
    odd = Unknown(template="${g.GroupId}", references={"g": Address("g")})
    with pytest.raises(UserError, match="user, precondition: a condition gives"):
        planned(wanted(pre=odd), "sg-1")


def test_the_conditions_of_a_step_must_all_hold() -> None:
    both = (must(True, "one"), must(ID, "two"))
    require(both, (True, Sensitive(True)), PRE)
    with pytest.raises(UserError, match="its precondition does not hold: two"):
        require(both, (True, False), PRE)
    with pytest.raises(UserError, match='its postcondition "one" cannot be asked'):
        require(both, (ID, False), POST)
