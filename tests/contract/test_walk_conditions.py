"""Tests for walks whose conditions do not hold: what is left alone, and what is told; and for what lifecycles say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from gitbot.model.conditions import Condition, ConditionKind, OpenCondition
from gitbot.model.desired import DesiredStack
from gitbot.model.names import Address
from gitbot.model.plan import Action, WalkResult
from gitbot.model.recorded import IntentKind
from gitbot.model.timeouts import Timeouts
from gitbot.model.values import Unknown
from gitbot.walk.means import means_for, new_intent, operation_for
from tests.contract.walk_world import SPAN, WalkWorld, bucket, group, ref, stack_of

BUCKET, GROUP = Address("bucket"), Address("group")


def must(template: str, **references: str) -> tuple[Condition, ...]:
    unknown = Unknown(
        template=template,
        references={name: Address(address) for name, address in references.items()},
    )
    return (Condition(that=unknown, says="ids look so", source=SPAN),)


IS_GROUP = must('${group.GroupId.startsWith("sg-")}', group="group")
IS_NO_GROUP = must('${group.GroupId.startsWith("vpc-")}', group="group")
SELF_IS_NO_GROUP = must('${self.GroupId.startsWith("vpc-")}', self="group")


def tagged(**lifecycle: object) -> DesiredStack:
    """A bucket that uses the id of a group, which has this lifecycle of a bucket or a group."""
    tags = [{"Key": "group", "Value": ref("${group.GroupId}")}]
    after = {"postconditions": lifecycle.pop("postconditions", ())}
    lifecycle |= {"depends_on": ("group",)}
    return stack_of(group(lifecycle=after), bucket(Tags=tags, lifecycle=lifecycle))


def failed(result: WalkResult) -> dict[str, tuple[bool, str]]:
    return {one.address: (one.skipped, one.message) for one in result.failures}


def test_a_precondition_is_asked_right_before_its_resource_is_touched(world: WalkWorld) -> None:
    result = world.apply(tagged(preconditions=IS_NO_GROUP))
    assert dict(result.done) == {GROUP: Action.CREATE}
    assert failed(result) == {
        "bucket": (False, "its precondition does not hold: ids look so. Nothing was done to it")
    }
    assert not world.recorded().complete
    assert world.apply(tagged(preconditions=IS_GROUP)).ok
    world.assert_state_is_the_cloud()


def test_a_failed_postcondition_fails_the_apply_and_holds_the_dependents(world: WalkWorld) -> None:
    desired = tagged(postconditions=SELF_IS_NO_GROUP)
    for done in ({}, {}):  # the second apply finds the group and asks again
        result = world.apply(desired)
        assert dict(result.done) == done
        assert failed(result) == {
            "group": (False, "its postcondition does not hold: ids look so"),
            "bucket": (True, "not done because of group"),
        }
        assert world.recorded().resources.keys() == {GROUP}
    told = world.plan(desired).conditions
    assert [(one.kind, one.holds) for one in told] == [(ConditionKind.POSTCONDITION, False)]
    assert world.apply(tagged()).ok
    world.assert_state_is_the_cloud()


def test_an_empty_plan_still_asks_what_failed_before(world: WalkWorld) -> None:
    only = stack_of(group(lifecycle={"postconditions": SELF_IS_NO_GROUP}))
    assert not world.apply(only).ok
    assert world.plan(only).empty
    assert failed(world.apply(only)) == {
        "group": (False, "its postcondition does not hold: ids look so")
    }
    assert not world.recorded().complete


def test_the_old_object_stays_while_the_new_one_is_not_what_it_must_be(world: WalkWorld) -> None:
    assert world.apply(stack_of(group())).ok
    lifecycle = {"postconditions": SELF_IS_NO_GROUP}
    wanted = stack_of(group(GroupDescription="another", lifecycle=lifecycle))
    for _ in range(2):
        result = world.apply(wanted)
        assert not result.ok
        assert len(world.recorded().deposed) == 1
    assert world.apply(stack_of(group(GroupDescription="another"))).ok
    assert world.recorded().deposed == ()
    world.assert_state_is_the_cloud()


def test_what_is_deleted_first_is_not_deleted_before_its_precondition_holds(
    world: WalkWorld,
) -> None:
    made = stack_of(group(), bucket(name="ml-first"))
    assert world.apply(made).ok
    wanted = stack_of(
        group(GroupDescription="another"),
        bucket(
            name="ml-second",
            lifecycle={
                "depends_on": ("group",),
                "replace": "delete-first",
                "preconditions": IS_NO_GROUP,
            },
        ),
    )
    result = world.apply(wanted)
    assert [address for address, _ in failed(result).items()] == ["bucket", "group"]
    group_of_old = result.failures[1]
    assert (group_of_old.skipped, group_of_old.made) == (True, True), "the bucket may need it"
    assert world.recorded().resources[BUCKET].remote_id == "ml-first"
    world.assert_state_is_the_cloud()


def test_a_failed_check_is_told_and_fails_nothing(world: WalkWorld) -> None:
    desired = replace(
        stack_of(group()),
        checks={
            "checks.fine": IS_GROUP[0],
            "checks.odd": must("${group.GroupId}", group="group")[0],
            "checks.size": IS_NO_GROUP[0],
        },
    )
    result = world.apply(desired)
    told = [("checks.odd", None), ("checks.size", False)]
    assert result.ok
    assert [(one.address, one.holds) for one in result.unmet] == told
    assert result.unmet[1] == OpenCondition(
        kind=ConditionKind.CHECK, address="checks.size", says="ids look so", holds=False
    )
    assert world.recorded().complete
    assert [(one.address, one.holds) for one in world.apply(desired).unmet] == told


def test_what_replaces_a_resource_is_recorded_and_asked_again_in_the_walk(world: WalkWorld) -> None:
    def stack(description: str, trigger: str) -> DesiredStack:
        values = {"group": ref(f"${{group.{trigger}}}")}
        lifecycle = {"depends_on": ("group",), "replace_when": values}
        named = group(GroupDescription=description, GroupName="trainer-ssh")
        other = replace(
            group(GroupDescription="one", lifecycle=lifecycle), address=Address("other")
        )
        return stack_of(named, other)

    first = stack("SSH", "VpcId")
    assert world.apply(first).ok
    made = world.recorded().resources[Address("other")]
    assert made.replace_when["group"].startswith("vpc-")  # type: ignore[union-attr]
    assert world.plan(first).empty
    # The group is made anew, and nobody knows its VPC before: it turns out to be the same.
    result = world.apply(stack("SSH and nothing else", "VpcId"))
    assert dict(result.done) == {GROUP: Action.REPLACE, Address("other"): Action.NOOP}
    assert world.recorded().resources[Address("other")] == made
    # Another expression below the same name gives another value.
    assert dict(world.apply(stack("SSH and nothing else", "GroupId")).done) == {
        Address("other"): Action.REPLACE
    }
    result = world.apply(stack("SSH again", "GroupId"))
    assert dict(result.done) == {GROUP: Action.REPLACE, Address("other"): Action.REPLACE}
    now = world.recorded().resources
    assert now[Address("other")].replace_when["group"] == now[GROUP].remote_id
    assert world.plan(stack("SSH again", "GroupId")).empty
    world.assert_state_is_the_cloud()


def test_a_resource_that_is_made_anew_under_its_name_replaces_what_names_it_as_a_whole(
    world: WalkWorld,
) -> None:
    made = Unknown(template='${bucket["gitbot:made"]}', references={"bucket": BUCKET})
    lifecycle = {"depends_on": ("bucket",), "replace_when": {"data": {"made": made}}}
    desired = stack_of(bucket(name="ml-made"), group(lifecycle=lifecycle))
    assert world.apply(desired).ok
    first = world.recorded().resources
    assert first[GROUP].replace_when == {"data": {"made": first[BUCKET].generation}}
    assert world.plan(desired).empty
    world.aws.client("s3").delete_bucket(Bucket="ml-made")
    result = world.apply(desired)
    assert dict(result.done) == {BUCKET: Action.CREATE, GROUP: Action.REPLACE}
    assert world.recorded().resources[GROUP].remote_id != first[GROUP].remote_id
    assert world.plan(desired).empty
    world.assert_state_is_the_cloud()


def test_the_timeouts_of_a_resource_are_recorded_and_bound_each_mutation(world: WalkWorld) -> None:
    said = Timeouts(create=timedelta(hours=1), delete=timedelta(minutes=2))
    assert world.apply(stack_of(group(lifecycle={"timeouts": said}))).ok
    made = world.recorded().resources[GROUP]
    assert made.timeouts == said
    with world.lease() as lease:
        means = means_for(world.tools(lease), world.recorded(), None)
        for kind, minutes in (
            (IntentKind.CREATE, 60),
            (IntentKind.UPDATE, 15),
            (IntentKind.POWER, 15),
            (IntentKind.DELETE, 2),
        ):
            intent = new_intent(means, kind, made, 1)
            assert intent.deadline - intent.begun_at == timedelta(minutes=minutes)
            left = operation_for(means, intent, {}).deadline - world.clock.now()
            assert timedelta(minutes=minutes - 1) < left <= timedelta(minutes=minutes)
