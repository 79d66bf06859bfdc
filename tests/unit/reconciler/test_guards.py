"""Tests for the guards that hold an apply."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gitbot.model.desired import DesiredStack, ModuleUse
from gitbot.model.names import StackId
from gitbot.model.plan import Guard, Plan
from gitbot.model.recorded import StackHeader
from gitbot.model.wanted import Wanted
from gitbot.reconciler.guards import guards, moved_tags
from gitbot.reconciler.renames import rename_candidates, renamed_stacks
from tests.unit.reconciler.planning_world import (
    BUCKET,
    GROUP,
    STACK,
    TYPES,
    deposed,
    header_of,
    plan_of,
    present,
    record,
    resource,
    stack,
    state,
)


def hits(plan: Plan, **more: object) -> dict[Guard, tuple[str, ...]]:
    known = {"environment_resources": 100, "environment_has_errors": False, **more}
    return {hit.guard: hit.addresses for hit in guards(plan, **known)}  # type: ignore[arg-type]


def delete(*groups: str) -> Plan:
    return plan_of(None, state(*(record(name, GROUP) for name in groups)))


def test_a_harmless_plan_meets_no_guard() -> None:
    assert hits(plan_of(stack(resource("g", GROUP)))) == {}


def test_a_stateful_replacement_is_held() -> None:
    plan = plan_of(
        stack(resource("data", BUCKET, {"BucketName": "b"})),
        state(record("data", BUCKET, {"BucketName": "a"})),
        present("data", BucketName="a"),
    )
    assert hits(plan) == {Guard.STATEFUL_REPLACE: ("data",)}


def test_a_stateful_deletion_is_held_and_forgetting_is_not() -> None:
    assert hits(plan_of(None, state(record("data", BUCKET)))) == {Guard.STATEFUL_DELETE: ("data",)}
    assert hits(plan_of(None, state(record("data", BUCKET, retain=True)))) == {}


def test_deleting_the_old_object_of_a_released_replacement_meets_no_guard() -> None:
    plan = plan_of(stack(), state(deposed=(deposed("data", "op"),)))
    assert hits(plan, environment_resources=1, environment_has_errors=True) == {}


@pytest.mark.parametrize(
    ("deleted", "resources", "held"),
    [("abc", 10, False), ("abcd", 10, True), ("abc", 9, False)],
    ids=["a share that may go", "more than the share", "too few for a share to mean anything"],
)
def test_deleting_more_than_thirty_percent_of_an_environment_is_held(
    deleted: str, resources: int, held: bool
) -> None:
    found = hits(delete(*deleted), environment_resources=resources)
    assert (Guard.MASS_DELETE in found) is held


def test_the_deletions_of_one_apply_count_together() -> None:
    plan = delete("a")
    assert hits(plan, environment_resources=10) == {}
    assert Guard.MASS_DELETE in hits(plan, environment_resources=10, environment_deletions=4)


def test_errors_in_an_environment_block_its_deletions_beyond_release() -> None:
    (hit,) = guards(delete("a"), environment_resources=100, environment_has_errors=True)
    assert (hit.guard, hit.blocks) == (Guard.DIAGNOSTICS_BLOCK_DELETE, True)
    assert hits(plan_of(stack(resource("g", GROUP))), environment_has_errors=True) == {}


def test_a_stack_that_looks_renamed_is_held() -> None:
    assert Guard.RENAMED_STACK in hits(delete("a"), renamed=True)


# --- renamed stacks ------------------------------------------------------------------------------

FORMER = state(record("data", BUCKET, {"BucketName": "b"}), record("g", GROUP))


def renamed(*desired: DesiredStack) -> dict[str, str]:
    wanted = Wanted(environment="dev", stacks={stack.name: stack for stack in desired})
    fresh, gone = rename_candidates(wanted, [header_of(FORMER)])
    return dict(renamed_stacks(fresh, [FORMER for _ in gone], TYPES.get))


def test_the_same_addresses_and_types_under_a_new_name_look_renamed() -> None:
    assert renamed(stack(resource("data", BUCKET), resource("g", GROUP), name="new")) == {
        "web": "new"
    }


def test_the_same_name_in_the_cloud_looks_renamed() -> None:
    assert renamed(stack(resource("x", BUCKET, {"BucketName": "b"}), name="new")) == {"web": "new"}


def test_another_stack_does_not_look_renamed() -> None:
    assert renamed(stack(resource("x", BUCKET, {"BucketName": "c"}), name="new")) == {}


def test_a_declared_move_is_no_rename() -> None:
    copy = (resource("data", BUCKET), resource("g", GROUP))
    assert renamed(stack(*copy, name="new", moved_from="web")) == {}


def test_nothing_is_renamed_while_the_stack_is_still_there() -> None:
    copy = (resource("data", BUCKET), resource("g", GROUP))
    assert renamed(stack(name=STACK.name), stack(*copy, name="new")) == {}


def test_a_guard_names_the_object_as_the_cloud_does() -> None:
    plan = plan_of(None, state(record("data", BUCKET)))
    (hit,) = guards(plan, environment_resources=100, environment_has_errors=False)
    remote_id = plan.changes[0].remote_id
    assert hit.detail == f"all data in `{remote_id}` (data) is lost when it is deleted"


def test_details_can_be_joined_to_one_sentence() -> None:
    plan = plan_of(None, state(*(record(name, BUCKET) for name in "abcd")))
    found = guards(plan, environment_resources=10, environment_has_errors=True, renamed=True)
    assert len(found) == 4
    assert not [hit.detail for hit in found if hit.detail.endswith(".")]


def at_tag(*, tag: str = "v1", commit: str = "2" * 40, **more: object) -> DesiredStack:
    use = ModuleUse(name="modules/crate", tag=tag, commit=commit)
    pinned = ModuleUse(name="modules/other", commit="9" * 40)
    return replace(stack(resource("data", BUCKET), **more), modules=(pinned, use))  # type: ignore[arg-type]


def applied_at(stack_id: StackId = STACK, **tags: str) -> list[StackHeader]:
    return [replace(header_of(state(record("data", BUCKET))), id=stack_id, module_tags=tags)]


@pytest.mark.parametrize(
    ("desired", "recorded", "expected"),
    [
        (at_tag(), applied_at(v1="1" * 40), ["v1"]),
        (at_tag(), applied_at(v1="2" * 40), []),
        (at_tag(tag="v2"), applied_at(v1="1" * 40), []),
        (at_tag(), applied_at(), []),
        (at_tag(), [], []),
        (None, applied_at(v1="1" * 40), []),
        (at_tag(name="new", moved_from=STACK.name), applied_at(v1="1" * 40), ["v1"]),
        (at_tag(name="new"), applied_at(v1="1" * 40), []),
        (at_tag(), applied_at(replace(STACK, region="eu-west-9"), v1="1" * 40), []),
    ],
)
def test_a_tag_that_moved_since_the_last_apply_is_found(
    desired: DesiredStack | None, recorded: list[StackHeader], expected: list[str]
) -> None:
    assert [one.tag for one in moved_tags(desired, recorded)] == expected


def test_a_plan_that_does_something_by_a_moved_tag_is_held() -> None:
    moved = moved_tags(at_tag(), applied_at(v1="1" * 40))
    plan = plan_of(stack(resource("new", GROUP)), state())
    (hit,) = guards(plan, environment_resources=100, environment_has_errors=False, moved_tags=moved)
    assert (hit.guard, hit.blocks) == (Guard.MOVED_TAG, False)
    assert "`v1` was at the commit `111111111111`" in hit.detail
    assert "is at `222222222222` now" in hit.detail
    assert hits(plan_of(stack(), state()), moved_tags=moved) == {}
