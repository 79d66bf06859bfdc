"""Objects beside those of the stack that carry the same tags are named where theirs go."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gitbot.model.desired import Lifecycle
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Found
from gitbot.reconciler.copies import lookups_of_copies, with_copies
from tests.unit.reconciler.planning_world import (
    GROUP,
    MACHINE,
    absent,
    plan_of,
    power_intent,
    present,
    record,
    resource,
    stack,
    state,
)

A = Address("a")
HAS = {"Description": "d"}


def found(remote_id: str, operation: str = "o") -> Found:
    return Found(remote_id=RemoteId(remote_id), operation=operation, lineage="line", address="a")


@pytest.mark.parametrize(
    ("desired", "address"),
    [
        pytest.param(None, "a", id="destroyed"),
        pytest.param(stack(), "a", id="removed"),
        pytest.param(stack(resource("a", GROUP, {"Description": "e"})), "a", id="replaced"),
        pytest.param(stack(resource("a", MACHINE, {})), "a", id="of another type"),
        pytest.param(
            stack(resource("b", GROUP, {"Description": "e"}, lifecycle=Lifecycle(moved=A))),
            "b",
            id="moved and replaced",
        ),
    ],
)
def test_a_copy_beside_what_goes_is_named_under_the_address_of_its_tags(
    desired, address: str
) -> None:
    before = state(record("a", GROUP, HAS))
    plan = plan_of(desired, before, present(address, **HAS))
    (asked,) = lookups_of_copies(plan, before)
    assert (asked.address, asked.type, asked.lineage) == ("a", GROUP.name, "line")
    told = with_copies(plan, before, {A: (found("id-a"), found("copy"))})
    (change,) = [one for one in told.changes if one.address == address]
    assert [one for one in change.reasons if "carries its tags" in one] == [
        "`copy` carries its tags, too, and state does not know it: somebody made a copy. gitbot leaves it in the "
        "cloud. Delete it by hand, or take gitbot's tags off it."
    ]
    assert told.digest == plan.digest


def test_what_stays_is_not_asked_about_and_what_an_apply_has_begun_is_no_copy() -> None:
    before = state(record("a", GROUP, HAS))
    same = plan_of(stack(resource("a", GROUP, HAS)), before, present("a", **HAS))
    assert lookups_of_copies(same, before) == ()
    assert with_copies(same, before, {A: (found("copy"),)}) == same
    begun = replace(power_intent(record("a", GROUP, HAS)), operation="mine")
    before = replace(before, intents=(begun,))
    plan = plan_of(None, before, present("a", **HAS))
    assert with_copies(plan, before, {A: (found("new", "mine"),)}) == plan
    assert with_copies(plan, before, {A: (found("id-a"),)}) == plan


def test_of_what_is_gone_recovering_is_a_way() -> None:
    before = state(record("a", GROUP, HAS))
    plan = plan_of(None, before, absent("a"))
    (change,) = with_copies(plan, before, {A: (found("copy"),)}).changes
    assert "run `gitbot recover dev` first" in change.reasons[-1]
