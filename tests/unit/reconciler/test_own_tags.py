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
from gitbot.model.schema import Route
from gitbot.reconciler.drift import differences
from gitbot.reconciler.own_tags import is_own_tag
from tests.unit.reconciler.planning_world import (
    BUCKET,
    REDACT,
    STACK,
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
STACK_PATH, RESOURCE_PATH = "/Tags/gitbot:stack", "/Tags/gitbot:resource"
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


def marked(**tags: str) -> dict[Address, Present]:
    own = {"gitbot:lineage": "line", "gitbot:stack": "dev/web", "gitbot:resource": "a"}
    given = own | {f"gitbot:{name}": value for name, value in tags.items()}
    return {at: replace(one, ownership=given) for at, one in seen(unmarked=False).items()}


@pytest.mark.parametrize(
    ("tags", "path", "before", "after"),
    [
        ({"stack": "prod/web"}, STACK_PATH, "prod/web", "dev/web"),
        ({"resource": "b"}, RESOURCE_PATH, "b", "a"),
    ],
)
def test_a_tag_that_somebody_made_say_something_else_is_drift(
    tags: dict[str, str], path: str, before: str, after: str
) -> None:
    desired, recorded = stack(resource("a", BUCKET, HAS)), state(record("a", BUCKET, HAS))
    plan = plan_of(desired, recorded, marked(**tags))
    [change] = plan.effective
    [said] = change.paths
    assert (said.path, said.before, said.after, said.cause) == (path, before, after, Cause.DRIFT)
    assert [each.path for drift in plan.drift for each in drift.paths] == [path]
    [found] = differences(recorded, marked(**tags), TYPES.get, REDACT, ignored={})
    assert (found.path, found.how) == (path, Differs.CHANGED)
    assert (found.observed, found.recorded) == (before, after)
    assert is_own_tag(path)
    left = Lifecycle(ignore_changes=(path,))
    ignoring = stack(resource("a", BUCKET, HAS, lifecycle=left))
    assert plan_of(ignoring, recorded, marked(**tags)).empty
    assert plan_of(desired, recorded, marked()).empty
    assert differences(recorded, marked(), TYPES.get, REDACT, ignored={}) == ()


def test_what_cloud_control_serves_may_have_tags_that_never_change() -> None:
    served = replace(BUCKET, route=Route.CLOUD_CONTROL)
    recorded = state(record("a", served, HAS))
    lookup = {served.name: served}.get
    assert plan_of(
        stack(resource("a", served, HAS)), recorded, marked(stack="x/y"), schemas=lookup
    ).empty


def test_a_renamed_stack_gives_its_objects_the_new_name_which_is_no_drift() -> None:
    desired = replace(stack(resource("a", BUCKET, HAS)), moved_from="site")
    recorded = state(record("a", BUCKET, HAS))
    for known in (replace(recorded, id=replace(STACK, name="site")), recorded):
        plan = plan_of(desired, known, marked(stack="dev/site"))
        [change] = plan.effective
        assert [(one.path, one.after, one.cause) for one in change.paths] == [
            (STACK_PATH, "dev/web", Cause.CHANGE)
        ]
        assert plan.drift == ()


def test_a_resource_that_moves_has_the_tag_of_its_former_address_until_it_has() -> None:
    desired = stack(resource("b", BUCKET, HAS, lifecycle=Lifecycle(moved=Address("a"))))
    observed = {Address("b"): one for one in marked().values()}
    plan = plan_of(desired, state(record("a", BUCKET, HAS)), observed)
    [change] = [one for one in plan.changes if one.does_something]
    assert (change.action, change.paths, plan.drift) == (Action.NOOP, (), ())
