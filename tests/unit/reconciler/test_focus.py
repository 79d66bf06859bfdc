"""Which part of a stack a plan is about, by the addresses that a person names."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from gitbot.cli.focus import focus_of
from gitbot.errors import UserError
from gitbot.model.desired import DesiredOutput, DesiredStack, Lifecycle
from gitbot.model.names import Address
from gitbot.model.plan import Action, Plan
from gitbot.model.recorded import Deposed, RecordedStack
from gitbot.reconciler.digest import digest
from gitbot.reconciler.focus import (
    Focus,
    addresses_of,
    first_choice,
    focus_by_stack,
    narrowed,
    next_choice,
)
from gitbot.reconciler.weaker import may_turn_out_weaker
from tests.unit.reconciler.planning_world import (
    GROUP,
    change_of,
    plan_of,
    present,
    record,
    resource,
    stack,
    state,
    unknown,
)

NAMED = {"Description": "d"}
# a <- b <- c, and d alone; old uses gone, and neither is in the specs any more.
DESIRED = stack(
    resource("a", GROUP, NAMED),
    resource("b", GROUP, NAMED, needs=["a"]),
    resource("c", GROUP, NAMED, needs=["b"]),
    resource('d["x"].e', GROUP, NAMED),
    outputs={"id": DesiredOutput(value=unknown("${a.GroupId}"))},
)
RECORDED = state(record("old", GROUP, NAMED, needs=["gone"]), record("gone", GROUP, NAMED))


def addresses(*names: str) -> tuple[Address, ...]:
    return tuple(map(Address, names))


def focus(targets: str = "", excludes: str = "") -> Focus:
    return Focus(targets=addresses(*targets.split()), excludes=addresses(*excludes.split()))


def planned(
    focus: Focus, desired: DesiredStack | None = DESIRED, recorded: RecordedStack = RECORDED
) -> tuple[Plan, frozenset[Address]]:
    """The plan of the part, widened until nothing is missing; and what is left out."""
    choice = first_choice(focus, desired, recorded)
    for _ in range(10):
        want, have = narrowed(desired, recorded, choice)
        plan = plan_of(want, have)
        wider = next_choice(plan, choice, desired, recorded)
        if wider == choice:
            return plan, choice.left_out
        choice = wider
    raise AssertionError("it goes on for ever")


EVERY = set(addresses_of(DESIRED, RECORDED))


@pytest.mark.parametrize(
    ("flags", "part"),
    [
        (focus("a"), {"a"}),
        (focus("b"), {"a", "b"}),
        (focus("c"), {"a", "b", "c"}),
        (focus("d"), {'d["x"].e'}),
        (focus('d["x"]'), {'d["x"].e'}),
        (focus("a", excludes="old"), {"a"}),
        (focus(excludes="c"), EVERY - {"c"}),
        (focus(excludes="a"), EVERY - {"a", "b", "c"}),
        (focus("c", excludes="b"), set()),
        # What is deleted takes along what uses it.
        (focus("gone"), {"gone", "old"}),
        (focus("old"), {"old", "gone"}),
        # What is left out keeps what it uses.
        (focus(excludes="old"), EVERY - {"old", "gone"}),
    ],
)
def test_a_part_has_what_it_needs_and_nothing_that_needs_what_is_left_out(
    flags: Focus, part: set[str]
) -> None:
    plan, _ = planned(flags)
    assert {change.address for change in plan.changes} == part
    assert plan.outputs == ()


@pytest.mark.parametrize(
    ("flags", "part"),
    [
        (focus("c"), {"c"}),
        (focus("b"), {"b", "c"}),
        (focus("a"), {"a", "b", "c"}),
        (focus("d"), {'d["x"].e'}),
        (focus(excludes="c"), {'d["x"].e'}),
        (focus(excludes="b"), {"c", 'd["x"].e'}),
        (focus(excludes="a d"), {"b", "c"}),
        (focus("a", excludes="b"), set()),
        (focus("a", excludes="c"), set()),
    ],
)
def test_what_is_destroyed_goes_with_what_uses_it_and_what_stays_keeps_what_it_needs(
    flags: Focus, part: set[str]
) -> None:
    recorded = state(
        record("a", GROUP, NAMED),
        record("b", GROUP, NAMED, needs=["a"]),
        record("c", GROUP, NAMED, needs=["b"]),
        record('d["x"].e', GROUP, NAMED),
    )
    plan, left_out = planned(flags, None, recorded)
    assert {change.address for change in plan.changes} == part
    assert {change.action for change in plan.changes} <= {Action.DELETE}
    assert part.isdisjoint(left_out)


def test_what_is_replaced_takes_along_what_uses_it() -> None:
    recorded = state(
        record("a", GROUP, {"Description": "x"}), record("b", GROUP, NAMED, needs=["a"])
    )
    plan, _ = planned(focus("a"), recorded=recorded)
    assert {change.address: change.action for change in plan.changes} == {
        "a": Action.REPLACE,
        "b": Action.NOOP,
    }
    plan, left_out = planned(focus(excludes="b"), recorded=recorded)
    assert {"a", "b", "c"} <= left_out
    assert {change.address for change in plan.changes} == {'d["x"].e'}


def test_a_part_keeps_the_identity_of_its_stack_and_the_old_objects_of_its_addresses() -> None:
    old = Deposed(resource=record("a", GROUP, NAMED), operation="o1")
    other = Deposed(resource=record("c", GROUP, NAMED), operation="o2")
    recorded = replace(RECORDED, deposed=(old, other), desired_hash="h0")
    want, have = narrowed(DESIRED, recorded, first_choice(focus("a"), DESIRED, recorded))
    assert want is not None
    assert (want.hash, have.serial, have.lineage) == (DESIRED.hash, recorded.serial, "line")
    assert have.deposed == (old,)
    moved = replace(DESIRED.resources[Address("a")], lifecycle=Lifecycle(moved=Address("gone")))
    desired = replace(DESIRED, resources={**DESIRED.resources, Address("a"): moved})
    _, have = narrowed(desired, RECORDED, first_choice(focus("a"), desired, RECORDED))
    assert set(have.resources) == {"gone"}


@pytest.mark.parametrize("former", ["was", "before"])
@pytest.mark.parametrize(
    ("flags", "part"),
    [
        (focus("new"), {"new": Action.NOOP}),
        (focus("was before"), {"new": Action.NOOP}),
        (focus("d"), {"d": Action.CREATE}),
        (focus("user"), {"new": Action.NOOP, "user": Action.CREATE}),
        # The object that the specs keep under a new name is never deleted under the former one.
        (focus(excludes="new"), {"d": Action.CREATE}),
        (focus(excludes="was before"), {"d": Action.CREATE}),
        (focus("was before", excludes="new"), {}),
        (focus(excludes="user"), {"new": Action.NOOP, "d": Action.CREATE}),
    ],
)
def test_what_was_moved_is_in_a_part_or_out_of_it_under_both_addresses(
    flags: Focus, part: dict[str, Action], former: str
) -> None:
    moved = Lifecycle(moved=Address("was"), moved_before=addresses("before"))
    desired = stack(
        replace(resource("new", GROUP, NAMED), lifecycle=moved),
        resource("user", GROUP, NAMED, needs=["new"]),
        resource("d", GROUP, NAMED),
    )
    recorded = state(record(former, GROUP, NAMED))
    plan, _ = planned(flags, desired, recorded)
    assert {change.address: change.action for change in plan.changes} == part


def test_a_part_of_a_stack_without_specs_is_deleted_with_what_uses_it() -> None:
    plan, _ = planned(focus("gone"), desired=None)
    assert {change.address: change.action for change in plan.changes} == {
        "old": Action.DELETE,
        "gone": Action.DELETE,
    }


def test_flags_are_known_by_the_addresses_of_each_stack_and_stand_in_the_digest() -> None:
    flags = Focus(
        targets=addresses("a", "x"), excludes=addresses("d"), replaces=addresses("b", "y")
    )
    assert flags.within(DESIRED.resources) == Focus(
        targets=addresses("a"), excludes=addresses("d"), replaces=addresses("b")
    )
    assert flags.partial == ("--target a", "--target x", "--exclude d")
    plan, _ = planned(focus("a"))
    assert digest(plan) != digest(replace(plan, partial=("--target a",)))


def test_somebody_can_ask_for_a_replacement() -> None:
    recorded = state(record("a", GROUP, NAMED))
    desired = stack(resource("a", GROUP, NAMED))
    seen = present("a", GroupId="sg-1", **NAMED)
    plan = plan_of(desired, recorded, seen, forced=addresses("a"))
    change = change_of(plan, "a")
    assert (change.action, change.forced) == (Action.REPLACE, True)
    assert change.reasons[0] == "Somebody asked for its replacement (`--replace`)."
    assert not may_turn_out_weaker(change)
    assert plan_of(desired, recorded, seen).empty
    assert digest(plan) != digest(replace(plan, changes=(replace(change, forced=False),)))


STACKS = {"web": (DESIRED, state()), "old": (None, RECORDED), "more": (DESIRED, RECORDED)}


def test_a_stack_is_planned_with_the_flags_that_are_about_it() -> None:
    two = {"web": STACKS["web"], "old": STACKS["old"]}
    flags = Focus(targets=addresses("a"), excludes=addresses("d"))
    assert focus_by_stack(flags, two) == {"web": flags}
    flags = Focus(excludes=addresses("gone"))
    assert focus_by_stack(flags, two) == {"web": Focus(), "old": flags}
    flags = Focus(replaces=addresses("gone"))
    assert focus_by_stack(flags, two) == {"web": Focus(), "old": flags}


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (focus("nothing"), "there is no address 'nothing'; there is: a, b, c, d"),
        (focus(excludes='d["y"]'), "there is no address"),
        (focus("gone"), "gone is an address of several stacks: name one of old, more with --stack"),
        (Focus(replaces=addresses("d")), "--replace takes one resource"),
    ],
)
def test_an_address_is_one_of_exactly_one_stack(flags: Focus, words: str) -> None:
    stacks = STACKS if flags != Focus(replaces=addresses("d")) else {"web": STACKS["web"]}
    with pytest.raises(UserError, match=re.escape(words)):
        focus_by_stack(flags, stacks)


def test_what_is_to_be_replaced_is_a_target_where_there_are_targets() -> None:
    assert focus_of((), ("d",), ("a", "a")) == Focus(
        excludes=addresses("d"), replaces=addresses("a")
    )
    assert focus_of(("b",), (), ("a",)).targets == addresses("b", "a")
    for clash in ((("a",), ("a",), ()), ((), ("a",), ("a",))):
        with pytest.raises(UserError, match="a is excluded, and asked for"):
            focus_of(*clash)
