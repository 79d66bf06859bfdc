"""Table of what a plan may do for /drift apply, and of what is more than to undo the drift shown."""

from __future__ import annotations

from typing import Any

import pytest

from gitbot.decisions.drift.undoing import beyond, shown_path, undone
from gitbot.model.drift import Difference, Differs
from gitbot.model.names import Address, StackId
from gitbot.model.plan import (
    Action,
    Cause,
    Change,
    Drift,
    DriftKind,
    Guard,
    GuardHit,
    OutputChange,
    PathChange,
    Plan,
    SettingChange,
)
from gitbot.model.values import Unknown

A, B = Address("a"), Address("b")
SHOWN = (
    Difference(address=A, how=Differs.CHANGED, path="/Tags/owner"),
    Difference(address=A, how=Differs.ADDED, path="/Rules/-"),
    Difference(address=B, how=Differs.GONE),
)
TAG = PathChange(path="/Tags/owner", before="bob", after="ada", cause=Cause.DRIFT)
RULE = PathChange(path="/Rules/3", before={}, removed=True, cause=Cause.DRIFT)


def change(
    *paths: PathChange, action: Action = Action.UPDATE, address: Address = A, **more: Any
) -> Change:
    return Change(address=address, type="AWS::X::Y", action=action, paths=paths, **more)


LATER = Unknown(template="${b.Arn}", references={"b": B})


def plan(*changes: Change, **more: Any) -> Plan:
    gone = Drift(address=B, type="AWS::X::Y", kind=DriftKind.DELETED)
    return Plan(
        stack=StackId(repository="1", environment="dev", name="s", region="r"),
        account="1",
        commit=None,
        serial=1,
        lineage="l",
        desired_hash="h",
        changes=changes,
        drift=(gone,),
        **more,
    )


@pytest.mark.parametrize(
    ("one", "says"),
    [
        (plan(), []),
        (plan(change(TAG, RULE)), []),
        (plan(change(action=Action.CREATE, address=B)), []),
        (plan(change(action=Action.NOOP, starts=True)), []),
        (plan(outputs=(OutputChange(name="id", moved=True),)), []),
        (plan(outputs=(OutputChange(name="id"),)), ["the output `id` changes"]),
        (plan(change(TAG), guards=(GuardHit(guard=Guard.STATEFUL_REPLACE, detail="it has data"),)), ["it has data"]),
        (plan(change(PathChange(path="/Key", after=LATER, cause=Cause.CHANGE))), ["`a` gets `/Key` from `b`, which is created again"]),
        (plan(change(PathChange(path="/Size", cause=Cause.CHANGE))), ["`a` gets `/Size` from a change of the spec that was not applied yet"]),
        (plan(change(PathChange(path="/Size", cause=Cause.DRIFT))), ["`a` has drifted at `/Size` too, which the issue does not show"]),
        (plan(change(PathChange(path="/Rules/3", cause=Cause.DRIFT))), ["`a` has drifted at `/Rules/3` too, which the issue does not show"]),
        (plan(change(TAG, action=Action.REPLACE)), ["`a` is to be replaced"]),
        (plan(change(action=Action.DELETE)), ["`a` is to be deleted"]),
        (plan(change(action=Action.FORGET)), ["`a` is to forget"]),
        (plan(change(action=Action.CREATE)), ["`a` is to create"]),
        (plan(change(TAG, settings=(SettingChange(name="protect"),))), ["`a` has changes that are not drift"]),
        (plan(change(TAG, moved_from=B)), ["`a` has changes that are not drift"]),
        (plan(change(action=Action.DELETE, deposed_operation="x")), ["`a` has changes that are not drift"]),
    ],
)  # fmt: skip
def test_a_plan_may_only_undo_what_the_issue_shows(one: Plan, says: list[str]) -> None:
    assert list(beyond(one, SHOWN)) == says


def test_an_object_is_created_again_only_if_the_issue_shows_that_it_is_gone() -> None:
    again = plan(change(action=Action.CREATE, address=B))
    assert beyond(again, SHOWN[:2]) == (
        "`b` is created again, and the issue does not show that it is gone",
    )


def test_an_element_that_was_added_is_known_without_its_index() -> None:
    assert shown_path(RULE) == "/Rules/-"
    assert shown_path(PathChange(path="/Tags/owner", removed=True)) == "/Tags/owner"
    assert shown_path(PathChange(path="", removed=True)) == ""


def test_what_is_undone_is_listed_once() -> None:
    found = undone(plan(change(TAG, TAG, RULE), change(action=Action.CREATE, address=B)))
    assert found == ("`a` `/Tags/owner`", "`a` `/Rules/3`", "`b`")
