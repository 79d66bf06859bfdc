"""Tests for the order of a walk: which step waits for which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter

import pytest

from gitbot.errors import InvariantError
from gitbot.model.names import Address, RemoteId, StackId
from gitbot.model.plan import Action, Change, PathChange, Plan
from gitbot.model.recorded import Deposed, RecordedResource, RecordedStack
from gitbot.model.schema import ReplaceOrder
from gitbot.walk.graph import Step, StepKey, steps_of
from gitbot.walk.leaving import parting

STACK = StackId(repository="r", environment="dev", name="s", region="us-east-1")
CREATE_FIRST, DELETE_FIRST = ReplaceOrder.CREATE_FIRST, ReplaceOrder.DELETE_FIRST


def change(
    address: str,
    action: Action,
    *needs: str,
    order: ReplaceOrder | None = None,
    moved_from: str | None = None,
    deposed: str | None = None,
    unknown: bool = False,
) -> Change:
    paths = (PathChange(path="/P", may_force=True),) if unknown else ()
    return Change(
        address=Address(address),
        type="AWS::X::Y",
        action=action,
        depends_on=tuple(map(Address, needs)),
        replace_order=order,
        moved_from=Address(moved_from) if moved_from else None,
        deposed_operation=deposed,
        paths=paths,
    )


def recorded(address: str, *needs: str) -> RecordedResource:
    return RecordedResource(
        address=Address(address),
        type="AWS::X::Y",
        remote_id=RemoteId(f"id-{address}"),
        properties={},
        depends_on=tuple(map(Address, needs)),
        account="1",
        region="us-east-1",
    )


def steps_for(
    changes: Sequence[Change],
    resources: Sequence[RecordedResource],
    deposed: tuple[Deposed, ...] = (),
) -> Mapping[StepKey, Step]:
    plan = Plan(
        stack=STACK,
        account="1",
        commit=None,
        serial=0,
        lineage="l",
        desired_hash=None,
        changes=tuple(changes),
    )
    state = RecordedStack(
        id=STACK,
        lineage="l",
        resources={each.address: each for each in resources},
        deposed=deposed,
    )
    return steps_of(plan, state)


def after(
    changes: list[Change], *resources: RecordedResource, deposed: tuple[Deposed, ...] = ()
) -> Mapping[str, set[str]]:
    """Each step, as ``address phase``, with the steps that it waits for."""
    steps = steps_for(changes, resources, deposed)
    found = {
        f"{key.address} {key.phase}": {f"{need.address} {need.phase}" for need in step.after}
        for key, step in steps.items()
    }
    TopologicalSorter(found).prepare()
    return found


def test_creates_wait_for_what_they_depend_on() -> None:
    found = after([change("a", Action.CREATE), change("b", Action.CREATE, "a")])
    assert found == {"a apply": set(), "b apply": {"a apply"}}


def test_an_unchanged_resource_passes_its_order_on() -> None:
    found = after(
        [
            change("a", Action.UPDATE),
            change("b", Action.NOOP, "a"),
            change("c", Action.UPDATE, "b"),
        ]
    )
    assert found["c apply"] == {"b apply"}
    assert found["b apply"] == {"a apply"}


def test_deletes_wait_for_the_deletes_of_their_users() -> None:
    found = after(
        [change("b", Action.DELETE, "a"), change("a", Action.DELETE)],
        recorded("a"),
        recorded("b", "a"),
    )
    assert found == {"b delete": set(), "a delete": {"b delete"}}


def test_a_deletion_waits_until_its_user_no_longer_uses_the_object() -> None:
    found = after(
        [change("b", Action.UPDATE), change("a", Action.DELETE)], recorded("a"), recorded("b", "a")
    )
    assert found["a delete"] == {"b apply"}


def test_create_first_deletes_the_old_one_after_its_users_have_moved() -> None:
    found = after(
        [change("a", Action.REPLACE, order=CREATE_FIRST), change("b", Action.UPDATE, "a")],
        recorded("a"),
        recorded("b", "a"),
    )
    assert found["b apply"] == {"a apply"}
    assert found["a deposed"] == {"a apply", "b apply"}


def test_the_old_object_stays_until_a_user_that_is_deleted_first_is_made_on_the_new_one() -> None:
    """The kind: an attachment could not be made on the new volume, and the old one was deleted with its data."""
    replaced = change("a", Action.REPLACE, order=CREATE_FIRST)
    user = change("b", Action.REPLACE, "a", order=DELETE_FIRST)
    found = after([replaced, user], recorded("a"), recorded("b", "a"))
    assert found["a deposed"] == {"a apply", "b delete", "b apply"}
    # And so it is in the next apply, when the user is in state no more.
    old = Deposed(resource=recorded("a"), operation="op")
    found = after(
        [
            change("a", Action.NOOP),
            change("b", Action.CREATE, "a"),
            change("a", Action.DELETE, deposed="op"),
        ],
        recorded("a"),
        deposed=(old,),
    )
    assert found["a delete"] == {"b apply"}


def test_delete_first_deletes_users_first_and_creates_them_last() -> None:
    found = after(
        [
            change("a", Action.REPLACE, order=DELETE_FIRST),
            change("b", Action.REPLACE, "a", order=DELETE_FIRST),
        ],
        recorded("a"),
        recorded("b", "a"),
    )
    assert found["a delete"] == {"b delete"}
    assert found["a apply"] == {"a delete"}
    assert found["b apply"] == {"a apply", "b delete"}


def test_an_undecided_replacement_waits_for_the_values_before_it_deletes() -> None:
    found = after(
        [
            change("a", Action.CREATE),
            change("b", Action.REPLACE, "a", order=DELETE_FIRST, unknown=True),
        ],
        recorded("b"),
    )
    assert found["b delete"] == {"a apply"}


def test_a_deposed_object_is_deleted_once_nothing_uses_it() -> None:
    old = Deposed(resource=recorded("a"), operation="op")
    found = after(
        [change("b", Action.UPDATE, "a"), change("a", Action.DELETE, deposed="op")],
        recorded("b", "a"),
        deposed=(old,),
    )
    assert found["a delete"] == {"b apply"}


def test_a_move_comes_before_anything_else_and_its_users_are_still_known() -> None:
    found = after(
        [
            change("new", Action.REPLACE, order=CREATE_FIRST, moved_from="old"),
            change("b", Action.UPDATE, "new"),
        ],
        recorded("old"),
        recorded("b", "old"),
    )
    assert found["new apply"] == {"new move"}
    assert found["new deposed"] == {"new move", "new apply", "b apply"}


def test_reversed_dependencies_cause_no_deadlock() -> None:
    found = after(
        [change("a", Action.DELETE, "b"), change("b", Action.DELETE, "a")],
        recorded("a", "b"),
        recorded("b", "a"),
    )
    assert len(found) == 2


def test_a_plan_that_depends_on_itself_is_an_invariant() -> None:
    with pytest.raises(InvariantError, match="depends on itself"):
        after([change("a", Action.CREATE, "b"), change("b", Action.CREATE, "a")])


def test_what_leaves_can_wait_unless_something_that_is_made_waits_for_it() -> None:
    changes = [
        change("subnet", Action.REPLACE, order=CREATE_FIRST),
        change("rule", Action.REPLACE, "subnet", order=DELETE_FIRST),
        change("route", Action.DELETE),
        change("gone", Action.DELETE),
    ]
    resources = [
        recorded("subnet"),
        recorded("rule", "subnet"),
        recorded("route", "subnet"),
        recorded("gone"),
    ]
    steps = steps_for(changes, resources)
    kept = {f"{key.address} {key.phase.value}" for key in parting(steps)}
    assert kept == {"subnet deposed", "route delete", "gone delete"}
    assert not any(
        step.after & parting(steps) for step in steps.values() if step.key not in parting(steps)
    )
