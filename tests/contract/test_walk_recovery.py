"""Open intents resolved by looking, and values that show only while the walk is under way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gitbot.errors import InvariantError, LeaseLostError, TransientError, UserError
from gitbot.model.names import Address, RemoteId
from gitbot.model.plan import Action
from gitbot.model.recorded import Intent, IntentKind, RecordedResource
from gitbot.providers.aws.catalog import open_catalog
from gitbot_sandbox.aws import Fault, FaultKind, LocalAws
from tests.contract.walk_world import STACK, World, bucket, group, ref, stack_of

BUCKET, GROUP = Address("bucket"), Address("group")


@pytest.fixture(scope="module")
def local_aws() -> Iterator[LocalAws]:
    with LocalAws() as aws:
        yield aws


@pytest.fixture
def world(local_aws: LocalAws, tmp_path: Path) -> Iterator[World]:
    local_aws.reset()
    world = World(local_aws, open_catalog(), tmp_path)
    yield world
    world.engine.dispose()


def announced(world: World, kind: IntentKind = IntentKind.CREATE, **fields: object) -> Intent:
    """An intent for the bucket, written to state as by a process that then died."""
    resource = world.recorded().resources.get(BUCKET) or RecordedResource(
        address=BUCKET,
        type="AWS::S3::Bucket",
        remote_id=RemoteId("ml-bucket-1"),
        properties=bucket().properties,
        account=world.cloud.account(),
        region="us-east-1",
    )
    now = world.clock.now()
    intent = Intent(
        operation="op-1",
        kind=kind,
        address=BUCKET,
        resource=resource,
        epoch=1,
        begun_at=now,
        deadline=now + timedelta(minutes=1),
        absent_before=kind is IntentKind.CREATE,
    )
    intent = replace(intent, **fields)  # type: ignore[arg-type]
    with world.lease() as lease:
        world.store.begin(lease(), STACK, world.recorded().lineage, intent)
    return intent


def test_a_create_that_was_never_sent_is_given_up_after_the_window(world: World) -> None:
    announced(world)
    with world.lease() as lease:
        state = world.recover(lease)
    assert state.empty
    assert not world.buckets()
    assert world.apply(stack_of(bucket())).ok
    world.assert_state_is_the_cloud()


def test_a_create_that_came_through_is_gone_on_with(world: World) -> None:
    announced(world)
    world.aws.client("s3").create_bucket(Bucket="ml-bucket-1")
    with world.lease() as lease:
        state = world.recover(lease)
        assert world.recover(lease) == state
    assert not state.resources[BUCKET].tainted
    assert state.resources[BUCKET].remote_id == "ml-bucket-1"
    world.assert_state_is_the_cloud()
    assert not world.plan(stack_of(bucket())).effective


def test_what_another_stack_made_meanwhile_is_left_alone(world: World) -> None:
    announced(world)
    client = world.aws.client("s3")
    client.create_bucket(Bucket="ml-bucket-1")
    tags = [{"Key": "gitbot:lineage", "Value": "another"}]
    client.put_bucket_tagging(Bucket="ml-bucket-1", Tagging={"TagSet": tags})
    with world.lease() as lease:
        assert world.recover(lease).empty
    result = world.apply(stack_of(bucket()))
    assert "another gitbot stack" in result.failures[0].message
    assert client.get_bucket_tagging(Bucket="ml-bucket-1")["TagSet"] == tags


def test_a_name_that_was_not_looked_up_before_is_never_taken_over(world: World) -> None:
    announced(world, absent_before=False)
    world.aws.client("s3").create_bucket(Bucket="ml-bucket-1")
    with world.lease() as lease:
        assert world.recover(lease).empty


def test_a_created_object_that_cannot_become_ready_is_tainted(world: World) -> None:
    announced(world)
    world.aws.client("s3").create_bucket(Bucket="ml-bucket-1")
    world.aws.inject(
        Fault(kind=FaultKind.ERROR, operation="PutBucketVersioning", status=403, count=1)
    )
    with world.lease() as lease:
        assert world.recover(lease).resources[BUCKET].tainted


def test_a_deletion_is_over_when_the_object_is_gone_and_planned_again_when_not(
    world: World,
) -> None:
    world.apply(stack_of(bucket()))
    announced(world, IntentKind.DELETE)
    with world.lease() as lease:
        assert set(world.recover(lease).resources) == {BUCKET}
    announced(world, IntentKind.DELETE)
    world.aws.client("s3").delete_bucket(Bucket="ml-bucket-1")
    with world.lease() as lease:
        assert world.recover(lease).empty


def test_an_intent_stays_open_while_the_cloud_cannot_be_read(world: World) -> None:
    world.apply(stack_of(bucket()))
    announced(world, IntentKind.DELETE)
    world.aws.inject(Fault(kind=FaultKind.LOST_REQUEST, service="s3", count=None))
    with world.lease() as lease, pytest.raises(TransientError):
        world.recover(lease)
    world.aws.clear_faults()
    assert world.recorded().intents
    with world.lease() as lease:
        assert not world.recover(lease).intents


def test_intents_of_another_account_are_refused(world: World) -> None:
    intent = announced(world)
    announced(world, resource=replace(intent.resource, account="999999999999"))
    with world.lease() as lease, pytest.raises(UserError, match="999999999999"):
        world.recover(lease)


def test_a_walk_over_open_intents_is_refused(world: World) -> None:
    announced(world)
    recorded, desired = world.recorded(), stack_of(bucket())
    with world.lease() as lease, pytest.raises(InvariantError, match="recover"):
        world.walk(lease, world.plan(desired, recorded), desired, recorded)


def test_a_recovery_without_the_lease_changes_nothing(world: World) -> None:
    announced(world)
    with world.lease() as lease:
        world.store.release(lease())
        with pytest.raises(LeaseLostError):
            world.recover(lease)
    assert world.recorded().intents


def test_an_unknown_that_turns_out_equal_is_left_alone(world: World) -> None:
    named = {"GroupName": "trainer-ssh"}
    tagged = bucket(
        Tags=[{"Key": "vpc", "Value": ref("${group.VpcId}")}], lifecycle={"depends_on": ("group",)}
    )
    world.apply(stack_of(group(**named), tagged))
    wanted = stack_of(group(GroupDescription="SSH and nothing else", **named), tagged)
    planned = {change.address: change.action for change in world.plan(wanted).effective}
    assert planned == {GROUP: Action.REPLACE, BUCKET: Action.UPDATE}
    world.aws.forget_calls()
    result = world.apply(wanted)
    assert dict(result.done) == {GROUP: Action.REPLACE, BUCKET: Action.NOOP}
    assert "PutBucketTagging" not in [call.operation for call in world.aws.calls]
    assert world.plan(wanted).empty


def test_throttling_is_waited_out(world: World) -> None:
    world.aws.inject(Fault(kind=FaultKind.THROTTLE, operation="CreateBucket", count=2))
    assert world.apply(stack_of(bucket())).ok
    world.assert_state_is_the_cloud()
