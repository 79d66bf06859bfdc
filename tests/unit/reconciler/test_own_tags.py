"""gitbot's own tags that somebody took off an object are drift, and an apply puts them back.

The kind: an object that a lost state does not find again, and that another stack could take for nobody's.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from gitbot.model.desired import Lifecycle
from gitbot.model.drift import Differs
from gitbot.model.names import Address
from gitbot.model.observed import Present
from gitbot.model.plan import Action, Cause
from gitbot.reconciler.drift import differences
from gitbot.reconciler.own_tags import is_own_tag
from tests.unit.reconciler.planning_world import (
    BUCKET,
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

PATH = "/Tags/gitbot:lineage"
HAS = {"BucketName": "b"}


def seen(*, unmarked: bool) -> dict[Address, Present]:
    (found,) = present("a", **HAS).values()
    assert isinstance(found, Present)
    return {Address("a"): replace(found, unmarked=unmarked)}


def test_they_are_put_back_and_shown_as_drift() -> None:
    desired, recorded = stack(resource("a", BUCKET, HAS)), state(record("a", BUCKET, HAS))
    plan = plan_of(desired, recorded, seen(unmarked=True))
    change = change_of(plan, "a")
    assert (change.action, [path.path for path in change.paths]) == (Action.UPDATE, [PATH])
    (path,) = change.paths
    assert (path.after, path.added, path.cause) == ("line", True, Cause.DRIFT)
    assert [each.path for drift in plan.drift for each in drift.paths] == [PATH]
    assert change_of(plan_of(desired, recorded, seen(unmarked=False)), "a").action is Action.NOOP


def test_a_scan_finds_them_missing() -> None:
    recorded = state(record("a", BUCKET, HAS))
    (found,) = differences(recorded, seen(unmarked=True), TYPES.get, REDACT, ignored={})
    assert (found.path, found.how) == (PATH, Differs.MISSING)
    assert is_own_tag(found.path)
    assert differences(recorded, seen(unmarked=False), TYPES.get, REDACT, ignored={}) == ()


def test_a_spec_that_changes_shows_them_as_drift_beside_the_change() -> None:
    desired = stack(resource("a", BUCKET, {**HAS, "Tags": [{"Key": "k", "Value": "v"}]}))
    plan = plan_of(desired, state(record("a", BUCKET, HAS)), seen(unmarked=True))
    assert {path.path for path in change_of(plan, "a").paths} == {PATH, "/Tags/k"}
    assert [each.path for drift in plan.drift for each in drift.paths] == [PATH]


@pytest.mark.parametrize("path", ["/Tags", PATH])
def test_who_says_that_tags_are_left_alone_gets_none_back(path: str) -> None:
    lifecycle = Lifecycle(ignore_changes=(path,))
    desired = stack(resource("a", BUCKET, HAS, lifecycle=lifecycle))
    plan = plan_of(desired, state(record("a", BUCKET, HAS)), seen(unmarked=True))
    assert change_of(plan, "a").action is Action.NOOP
