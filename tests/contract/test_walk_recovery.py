"""Recovery finishes open intents, and the walk handles values that become known late."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gitbot.errors import InvariantError, LeaseLostError, TransientError, UserError
from gitbot.model.cloud import Operation
from gitbot.model.desired import DesiredResource
from gitbot.model.names import Address, RemoteId
from gitbot.model.plan import Action
from gitbot.model.recorded import Intent, IntentKind, RecordedResource
from gitbot.model.tags import LINEAGE_TAG, OPERATION_TAG
from gitbot.model.values import Sensitive, redact
from gitbot.reconciler.recording import ownership_tags
from gitbot_sandbox.aws import Fault, FaultKind
from tests.contract.aws.cases.lambda_ import archive, stored
from tests.contract.walk_death import KILLED, apply_until
from tests.contract.walk_world import (
    AMI,
    REDACTOR,
    STACK,
    WalkWorld,
    bucket,
    group,
    ref,
    resource,
    stack_of,
)

BUCKET, GROUP, TRAINER = Address("bucket"), Address("group"), Address("trainer")
SECRET_TAGS = [{"Key": "password", "Value": Sensitive("hush")}]


def announced(world: WalkWorld, kind: IntentKind = IntentKind.CREATE, **fields: object) -> Intent:
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


def test_a_create_that_was_never_sent_is_given_up_after_the_window(world: WalkWorld) -> None:
    announced(world)
    with world.lease() as lease:
        state = world.recover(lease)
    assert state.empty
    assert not world.buckets()
    assert world.apply(stack_of(bucket())).ok
    world.assert_state_is_the_cloud()


def test_a_create_that_came_through_is_finished(world: WalkWorld) -> None:
    announced(world)
    world.aws.client("s3").create_bucket(Bucket="ml-bucket-1")
    with world.lease() as lease:
        state = world.recover(lease)
        assert world.recover(lease) == state
    assert not state.resources[BUCKET].tainted
    assert state.resources[BUCKET].remote_id == "ml-bucket-1"
    world.assert_state_is_the_cloud()
    assert not world.plan(stack_of(bucket())).effective


def test_an_object_that_another_stack_made_meanwhile_is_left_alone(world: WalkWorld) -> None:
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


def test_a_name_that_was_not_looked_up_before_is_never_taken_over(world: WalkWorld) -> None:
    announced(world, absent_before=False)
    world.aws.client("s3").create_bucket(Bucket="ml-bucket-1")
    with world.lease() as lease:
        assert world.recover(lease).empty


def test_a_created_object_whose_follow_up_is_refused_is_recorded_as_far_as_it_is(
    world: WalkWorld,
) -> None:
    announced(world)
    world.aws.client("s3").create_bucket(Bucket="ml-bucket-1")
    world.aws.inject(
        Fault(kind=FaultKind.ERROR, operation="PutBucketVersioning", status=403, count=1)
    )
    with world.lease() as lease:
        made = world.recover(lease).resources[BUCKET]
    assert not made.tainted
    assert made.properties == {"BucketName": "ml-bucket-1"}
    assert world.apply(stack_of(bucket())).ok
    assert world.plan(stack_of(bucket())).empty


def test_a_deletion_is_over_when_the_object_is_gone_and_planned_again_when_not(
    world: WalkWorld,
) -> None:
    world.apply(stack_of(bucket()))
    announced(world, IntentKind.DELETE)
    with world.lease() as lease:
        assert set(world.recover(lease).resources) == {BUCKET}
    announced(world, IntentKind.DELETE)
    world.aws.client("s3").delete_bucket(Bucket="ml-bucket-1")
    with world.lease() as lease:
        assert world.recover(lease).empty


def test_an_intent_stays_open_while_the_cloud_cannot_be_read(world: WalkWorld) -> None:
    world.apply(stack_of(bucket()))
    announced(world, IntentKind.DELETE)
    world.aws.inject(Fault(kind=FaultKind.LOST_REQUEST, service="s3", count=None))
    with world.lease() as lease, pytest.raises(TransientError):
        world.recover(lease)
    world.aws.clear_faults()
    assert world.recorded().intents
    with world.lease() as lease:
        assert not world.recover(lease).intents


def test_intents_of_another_account_are_refused(world: WalkWorld) -> None:
    intent = announced(world)
    announced(world, resource=replace(intent.resource, account="999999999999"))
    with world.lease() as lease, pytest.raises(UserError, match="999999999999"):
        world.recover(lease)


def test_a_walk_over_open_intents_is_refused(world: WalkWorld) -> None:
    announced(world)
    recorded, desired = world.recorded(), stack_of(bucket())
    with world.lease() as lease, pytest.raises(InvariantError, match="recover"):
        world.walk(lease, world.plan(desired, recorded), desired, recorded)


def test_a_recovery_without_the_lease_changes_nothing(world: WalkWorld) -> None:
    announced(world)
    with world.lease() as lease:
        world.store.release(lease())
        with pytest.raises(LeaseLostError):
            world.recover(lease)
    assert world.recorded().intents


def test_an_unknown_that_turns_out_equal_is_left_alone(world: WalkWorld) -> None:
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


def test_throttling_is_waited_out(world: WalkWorld) -> None:
    world.aws.inject(Fault(kind=FaultKind.THROTTLE, operation="CreateBucket", count=2))
    assert world.apply(stack_of(bucket())).ok
    world.assert_state_is_the_cloud()


def trainer_intent(world: WalkWorld, **properties: object) -> Intent:
    """An announced create of an instance that takes a client token."""
    made = replace(
        announced(world).resource,
        address=TRAINER,
        type="AWS::EC2::Instance",
        remote_id=RemoteId(""),
        properties={"ImageId": AMI, "InstanceType": "t3.micro", **properties},  # type: ignore[dict-item]
    )
    with world.lease() as lease:
        world.store.abandon(lease(), STACK, "op-1")
    return announced(
        world, address=TRAINER, resource=made, request_token="op-1", absent_before=False
    )


def test_a_create_that_was_never_sent_is_sent_with_its_client_token(world: WalkWorld) -> None:
    trainer_intent(world)
    with world.lease() as lease:
        state = world.recover(lease)
    [made] = world.instances()
    assert made["ClientToken"] == "op-1"
    assert state.resources[TRAINER].remote_id == made["InstanceId"]
    assert not state.intents


def test_a_created_object_that_is_not_listed_is_found_by_its_client_token(world: WalkWorld) -> None:
    intent = trainer_intent(world)
    operation = Operation(
        token="op-1",
        request_token=intent.request_token,
        address=TRAINER,
        type=intent.resource.type,
        route=intent.resource.route,
        properties=intent.resource.properties,  # type: ignore[arg-type]  # all are known
        ownership=ownership_tags(STACK, world.recorded().lineage, TRAINER, "op-1"),
        deadline=intent.deadline,
    )
    made = world.cloud.create(operation)
    # As long as EC2 does not list its new instance by tag, a look finds nothing.
    tags = [{"Key": OPERATION_TAG}, {"Key": LINEAGE_TAG}]
    world.aws.client("ec2").delete_tags(Resources=[made], Tags=tags)
    with world.lease() as lease:
        assert world.recover(lease).resources[TRAINER].remote_id == made
    assert [each["InstanceId"] for each in world.instances()] == [made]


def test_a_create_with_a_secret_is_not_sent_again(world: WalkWorld) -> None:
    trainer_intent(world, UserData=REDACTOR("secret"))
    with world.lease() as lease:
        assert world.recover(lease).empty
    assert not world.instances()


def test_an_update_of_several_calls_is_finished_without_the_spec(
    world: WalkWorld, tmp_path: Path
) -> None:
    world.apply(stack_of(bucket()))
    rule = {"AllowedMethods": ["GET"], "AllowedOrigins": ["https://a.example"]}
    wanted = stack_of(
        bucket(
            VersioningConfiguration={"Status": "Suspended"},
            CorsConfiguration={"CorsRules": [rule]},
        )
    )
    assert apply_until(world, tmp_path, wanted, "before cloud PUT bucket cors") == KILLED
    with world.lease() as lease:
        state = world.recover(lease)
    assert world.aws.client("s3").get_bucket_cors(Bucket="ml-bucket-1")["CORSRules"] == [rule]
    assert state.resources[BUCKET].properties["CorsConfiguration"] == {"CorsRules": [rule]}
    assert world.plan(wanted).empty


def test_an_update_that_recovery_may_not_finish_is_recorded_as_the_cloud_shows_it(
    world: WalkWorld,
) -> None:
    world.apply(stack_of(bucket()))
    suspended = {"Status": "Suspended"}
    announced(world, IntentKind.UPDATE, sets={"VersioningConfiguration": suspended})
    world.aws.inject(
        Fault(
            kind=FaultKind.ERROR, operation="PutBucketVersioning", status=403, code="AccessDenied"
        )
    )
    with world.lease() as lease:
        state = world.recover(lease)
    assert not state.intents
    assert state.resources[BUCKET].properties["VersioningConfiguration"] == {"Status": "Enabled"}


def test_an_update_that_sets_a_secret_is_left_to_the_next_plan(world: WalkWorld) -> None:
    world.apply(stack_of(bucket()))
    wanted = stack_of(bucket(VersioningConfiguration={"Status": "Suspended"}, Tags=SECRET_TAGS))
    recorded = world.recorded().resources[BUCKET]
    announced(
        world,
        IntentKind.UPDATE,
        resource=replace(
            recorded, properties=redact(wanted.resources[BUCKET].properties, REDACTOR)
        ),
        sets={"VersioningConfiguration": {"Status": "Suspended"}},
        withheld=("Tags",),
    )
    with world.lease() as lease:
        state = world.recover(lease)
    properties = state.resources[BUCKET].properties
    assert properties["VersioningConfiguration"] == {"Status": "Suspended"}
    assert "Tags" not in properties
    [left] = world.plan(wanted).effective
    assert {path.path.split("/")[1] for path in left.paths} == {"Tags"}


def layer() -> DesiredResource:
    content = {"S3Bucket": "code-a", "S3Key": "a"}
    return resource(
        "layer", "AWS::Lambda::LayerVersion", {"LayerName": "tools", "Content": content}
    )


@pytest.mark.parametrize("boundary", ["", "after cloud POST bucket versions"])
def test_a_version_of_a_layer_is_published_once_whatever_is_lost(
    world: WalkWorld, tmp_path: Path, boundary: str
) -> None:
    """The kind: what has neither name, tags nor token is made again when nobody heard of it."""
    stored(world.aws)
    client = world.aws.client("lambda")
    client.publish_layer_version(LayerName="tools", Content={"ZipFile": archive()})
    wanted = stack_of(layer())
    if boundary:
        assert apply_until(world, tmp_path, wanted, boundary) == KILLED
        with world.lease() as lease:
            world.recover(lease)
    else:
        world.aws.inject(Fault(kind=FaultKind.LOST_REPLY, operation="PublishLayerVersion"))
        assert world.apply(wanted).ok
    made = client.list_layer_versions(LayerName="tools")["LayerVersions"]
    assert [one["Version"] for one in made] == [2, 1]
    assert world.recorded().resources[Address("layer")].remote_id == made[0]["LayerVersionArn"]
    assert world.plan(wanted).empty
