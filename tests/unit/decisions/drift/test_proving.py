"""Tables of what may be left to do after an adoption, and of what must be applied before it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gitbot.decisions.drift.adopting import Left
from gitbot.decisions.drift.proving import not_applied, not_ignored, unproven
from gitbot.model.drift import IgnoreRule
from gitbot.model.names import Address
from gitbot.model.plan import Action, Cause, Change, Drift, DriftKind, PathChange, SettingChange
from tests.unit.decisions.drift.drift_by_hand import NOW
from tests.unit.decisions.drift.test_drift_commands import plan

A = Address("bucket")
TAG = PathChange(path="/Tags/owner", before="bob", after="ada", cause=Cause.DRIFT)
NEW = PathChange(path="/Size", cause=Cause.CHANGE)
DRIFT = Drift(address=A, type="T", kind=DriftKind.CHANGED, paths=(TAG,))
LEFT = (Left(address=A, path="/Tags/owner", why="a person"),)


def one(*paths: PathChange, action: Action = Action.UPDATE, **more: Any) -> Any:
    return plan(changes=(Change(address=A, type="T", action=action, paths=paths, **more),))


@pytest.mark.parametrize(
    ("planned", "left", "names"),
    [
        (plan(), (), set()),
        (one(action=Action.NOOP), (), set()),
        (one(action=Action.NOOP, starts=True), (), set()),
        (one(TAG), (), {A}),
        (one(TAG), LEFT, set()),
        (one(TAG, NEW), LEFT, {A}),
        (one(TAG, settings=(SettingChange(name="protect"),)), LEFT, {A}),
        (one(TAG, moved_from=Address("old")), LEFT, {A}),
        (one(action=Action.CREATE), LEFT, {A}),
        (one(action=Action.CREATE), (replace(LEFT[0], path=""),), set()),
    ],
)
def test_only_what_is_left_for_a_person_may_remain(planned: Any, left: Any, names: Any) -> None:
    assert unproven(planned, left) == names


@pytest.mark.parametrize(
    ("planned", "says"),
    [
        (replace(one(TAG), drift=(DRIFT,)), ()),
        (one(action=Action.NOOP), ()),
        (one(NEW), ("`bucket` waits to be changed",)),
        (one(action=Action.DELETE), ("`bucket` waits (delete)",)),
        (replace(one(action=Action.CREATE), drift=(replace(DRIFT, kind=DriftKind.DELETED),)), ()),
    ],
)
def test_changes_that_wait_come_before_an_adoption(planned: Any, says: Any) -> None:
    assert not_applied(planned) == says


def test_ignored_paths_are_not_adopted() -> None:
    rule = IgnoreRule(stack="web", resource=A, path="/Tags", until=NOW, because="handover")
    gone = Drift(address=A, type="T", kind=DriftKind.DELETED)
    assert list(not_ignored([DRIFT, gone], [rule])) == [gone]
    assert list(not_ignored([DRIFT], [replace(rule, resource=Address("other"))])) == [DRIFT]
