"""Tests for walks on the local AWS: what is done, in which order, and what state records."""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest

from gitbot.errors import LeaseLostError, SpecError, StaleError
from gitbot.model.desired import DesiredResource, DesiredStack
from gitbot.model.names import Address
from gitbot.model.plan import Action
from gitbot.model.values import Unknown
from gitbot.reconciler.outputs import definition_hash
from gitbot_sandbox.aws import Fault, FaultKind
from tests.contract.walk_world import (
    AMI,
    REDACTOR,
    WalkWorld,
    bucket,
    group,
    instance,
    ref,
    resource,
    stack_of,
)

PUBLIC = "AAAAC3NzaC1lZDI1NTE5AAAAIGJraRsj69dW5AT+UxZwGqcou8cKLbYxXQBEMpHtMV1w"
BUCKET, GROUP, TRAINER = Address("bucket"), Address("group"), Address("trainer")


EVERYTHING = stack_of(
    bucket(), group(), instance(), id=ref("${trainer.InstanceId}"), name=ref("${bucket.BucketName}")
)


def test_a_stack_is_created_recorded_and_then_needs_nothing(world: WalkWorld) -> None:
    result = world.apply(EVERYTHING)
    assert result.ok, result.failures
    assert {address for address, _ in result.done} == {BUCKET, GROUP, TRAINER}
    assert [a for a, _ in result.done].index(GROUP) < [a for a, _ in result.done].index(TRAINER)
    state = world.recorded()
    assert state.complete
    assert state.desired_hash == EVERYTHING.hash
    [made] = world.instances()
    assert state.outputs["id"].value == made["InstanceId"] == result.outputs["id"]
    assert made["SecurityGroups"][0]["GroupId"] == state.resources[GROUP].remote_id
    tags = {tag["Key"]: tag["Value"] for tag in made["Tags"]}
    assert tags["gitbot:stack"] == "dev/trainer"
    assert tags["gitbot:lineage"] == state.lineage
    world.assert_state_is_the_cloud()
    assert world.plan(EVERYTHING).empty
    before = world.recorded().resources
    assert world.apply(EVERYTHING).ok
    assert world.recorded().resources == before


def test_an_update_in_place_changes_only_what_is_planned(world: WalkWorld) -> None:
    world.apply(EVERYTHING)
    ids = {a: r.remote_id for a, r in world.recorded().resources.items()}
    wanted = stack_of(
        bucket(VersioningConfiguration={"Status": "Suspended"}),
        group("198.51.100.7/32"),
        instance(Tags=[{"Key": "owner", "Value": "vision"}]),
    )
    result = world.apply(wanted)
    assert result.ok, result.failures
    assert {action for _, action in result.done} == {Action.UPDATE}
    assert {a: r.remote_id for a, r in world.recorded().resources.items()} == ids
    assert world.recorded().outputs == {}
    assert world.plan(wanted).empty


def test_a_lifecycle_setting_is_applied_by_itself_and_then_counts(world: WalkWorld) -> None:
    """Protection that was recorded counts until the change that takes it away was applied."""

    def wanted(name: str, **lifecycle: Any) -> DesiredStack:
        return stack_of(bucket(name=name, lifecycle=lifecycle), name=ref("${bucket.BucketName}"))

    world.apply(wanted("ml-bucket-1", protect=True))
    with pytest.raises(SpecError, match="protect"):
        world.plan(wanted("ml-bucket-2"))
    with pytest.raises(SpecError, match="protect"):
        world.plan(None)
    free = wanted("ml-bucket-1", ignore_changes=("/Tags",))
    assert [each.name for each in world.plan(free).changes[0].settings] == [
        "ignoreChanges",
        "protect",
    ]
    assert world.apply(free).ok
    record = world.recorded().resources[BUCKET]
    assert (record.protect, record.ignore_changes) == (False, ("/Tags",))
    assert world.plan(free).empty
    assert [each.action for each in world.plan(None).changes] == [Action.DELETE]
    assert world.buckets() == ["ml-bucket-1"]


def test_what_others_scale_stays_until_the_spec_changes_it(world: WalkWorld) -> None:
    """The kind: an apply that takes back what scaled a group, or leaves a new size of the spec undone."""
    launch = {"ImageId": AMI, "InstanceType": "t3.micro"}
    template = resource(
        "template", "AWS::EC2::LaunchTemplate", {"LaunchTemplateData": launch | {"KeyName": "k"}}
    )
    names = {"LaunchTemplateId": "LaunchTemplateId", "Version": "LatestVersionNumber"}

    def wanted(most: str, cooldown: str = "300") -> DesiredStack:
        properties = {
            **{"MinSize": "0", "MaxSize": most, "DesiredCapacity": "0", "Cooldown": cooldown},
            "AvailabilityZones": ["us-east-1a"],
            "LaunchTemplate": {name: ref(f"${{template.{one}}}") for name, one in names.items()},
        }
        sizes = ("/MinSize", "/MaxSize", "/DesiredCapacity")
        group = "AWS::AutoScaling::AutoScalingGroup"
        nodes = resource("nodes", group, properties, depends_on=("template",), may_drift=sizes)
        return stack_of(template, nodes)

    assert world.apply(wanted("3")).ok
    name = world.recorded().resources[Address("nodes")].remote_id
    client = world.aws.client("autoscaling")
    client.update_auto_scaling_group(AutoScalingGroupName=name, MaxSize=5, DesiredCapacity=2)
    assert world.plan(wanted("3")).empty
    assert world.apply(wanted("3", cooldown="60")).ok

    def sizes() -> tuple[int, int, int]:
        (one,) = client.describe_auto_scaling_groups()["AutoScalingGroups"]
        return one["MaxSize"], one["DesiredCapacity"], one["DefaultCooldown"]

    assert sizes() == (5, 2, 60)
    assert world.apply(wanted("4", cooldown="60")).ok
    assert sizes() == (4, 2, 60)
    assert world.plan(wanted("4", cooldown="60")).empty


def test_what_an_output_is_made_of_is_recorded_with_its_value(world: WalkWorld) -> None:
    """So that a value that moves by itself is told from a change of the spec."""
    world.apply(EVERYTHING)
    recorded = world.recorded().outputs["id"]
    assert recorded.definition == definition_hash(EVERYTHING.outputs["id"], REDACTOR)


def test_destroying_works_in_reverse_order_from_state_alone(world: WalkWorld) -> None:
    world.apply(EVERYTHING)
    result = world.apply(None)
    assert result.ok, result.failures
    order = [address for address, _ in result.done]
    assert order.index(TRAINER) < order.index(GROUP)
    assert not world.instances()
    assert not world.groups()
    assert not world.buckets()
    assert world.recorded().empty
    assert world.recorded().desired_hash is None


def test_create_first_moves_the_dependents_before_it_deletes_the_old_object(
    world: WalkWorld,
) -> None:
    world.apply(stack_of(group(), instance()))
    old = world.recorded().resources
    wanted = stack_of(group(GroupDescription="SSH and nothing else"), instance())
    result = world.apply(wanted)
    assert result.ok, result.failures
    state = world.recorded()
    assert state.resources[GROUP].remote_id != old[GROUP].remote_id
    assert not state.deposed
    [made] = world.instances()
    assert made["SecurityGroups"][0]["GroupId"] == state.resources[GROUP].remote_id
    calls = [call.operation for call in world.aws.calls]
    assert calls.index("DeleteSecurityGroup") > calls.index("ModifyInstanceAttribute")
    world.assert_state_is_the_cloud()
    assert world.plan(wanted).empty


def test_outputs_are_recorded_although_the_old_object_is_still_used(world: WalkWorld) -> None:
    def wanted(description: str) -> DesiredStack:
        return stack_of(
            group(GroupDescription=description),
            id=ref("${group.GroupId}"),
        )

    before = wanted("SSH from one address")
    world.apply(before)
    old = world.recorded().resources[GROUP].remote_id
    ec2 = world.aws.client("ec2")
    used_by = ec2.create_security_group(GroupName="another", Description="Of another stack")
    allowed = [
        {
            "IpProtocol": "tcp",
            "FromPort": 22,
            "ToPort": 22,
            "UserIdGroupPairs": [{"GroupId": old}],
        }
    ]
    ec2.authorize_security_group_ingress(GroupId=used_by["GroupId"], IpPermissions=allowed)
    after = wanted("SSH and nothing else")
    result = world.apply(after)
    state = world.recorded()
    assert not result.ok
    assert result.left_over
    new = state.resources[GROUP].remote_id
    assert state.outputs["id"].value == result.outputs["id"] == new != old
    assert [each.resource.remote_id for each in state.deposed] == [old]
    assert not state.complete
    assert state.desired_hash == before.hash
    ec2.revoke_security_group_ingress(GroupId=used_by["GroupId"], IpPermissions=allowed)
    again = world.apply(after)
    assert again.ok, again.failures
    assert not again.left_over
    assert not world.recorded().deposed
    assert world.recorded().desired_hash == after.hash
    assert world.plan(after).empty


def test_outputs_stay_as_they_were_when_something_that_stays_fails(world: WalkWorld) -> None:
    wanted = stack_of(group(), id=ref("${group.GroupId}"))
    world.apply(wanted)
    before = world.recorded().outputs
    world.aws.inject(
        Fault(
            kind=FaultKind.ERROR,
            operation="AuthorizeSecurityGroupIngress",
            count=None,
            status=400,
            code="RulesPerSecurityGroupLimitExceeded",
        )
    )
    result = world.apply(
        stack_of(
            group(GroupDescription="SSH and nothing else"),
            id=ref("${group.GroupId}"),
        )
    )
    assert not result.ok
    assert not result.left_over
    assert world.recorded().outputs == before


def test_delete_first_frees_the_name_before_it_is_used_again(world: WalkWorld) -> None:
    named = {"GroupName": "trainer-ssh"}
    world.apply(stack_of(group(**named)))
    old = world.recorded().resources[GROUP]
    wanted = stack_of(group(GroupDescription="SSH and nothing else", **named))
    result = world.apply(wanted)
    assert result.ok, result.failures
    assert world.recorded().resources[GROUP].remote_id != old.remote_id
    world.assert_state_is_the_cloud()
    assert world.plan(wanted).empty


def test_an_address_that_is_created_again_never_reuses_a_token(world: WalkWorld) -> None:
    tokens = set()
    for _ in range(2):
        world.apply(stack_of(group(), instance()))
        [made] = world.instances()
        tokens |= {t["Value"] for t in made["Tags"] if t["Key"] == "gitbot:operation"}
        world.apply(None)
    assert len(tokens) == 2


def test_one_failure_stops_its_dependents_and_lets_siblings_finish(world: WalkWorld) -> None:
    world.aws.inject(
        Fault(
            kind=FaultKind.ERROR,
            operation="CreateSecurityGroup",
            status=400,
            code="SecurityGroupLimitExceeded",
            count=None,
        )
    )
    result = world.apply(EVERYTHING)
    failed = {each.address: each for each in result.failures}
    assert not failed[GROUP].skipped
    assert "SecurityGroupLimitExceeded" in failed[GROUP].message
    assert failed[TRAINER].skipped
    assert "group" in failed[TRAINER].message
    assert result.done == ((BUCKET, Action.CREATE),)
    state = world.recorded()
    assert not state.complete
    assert set(state.resources) == {BUCKET}
    world.assert_state_is_the_cloud()
    world.aws.clear_faults()
    assert world.apply(EVERYTHING).ok
    world.assert_state_is_the_cloud()


@pytest.mark.parametrize(
    ("operation", "desired"),
    [
        ("RunInstances", stack_of(group(), instance())),
        ("CreateSecurityGroup", stack_of(group())),
        ("CreateBucket", stack_of(bucket())),
    ],
)
def test_a_lost_reply_makes_no_second_object(world: WalkWorld, operation: str, desired) -> None:
    world.aws.inject(Fault(kind=FaultKind.LOST_REPLY, operation=operation))
    if not world.apply(desired).ok:
        assert world.apply(desired).ok
    world.assert_state_is_the_cloud()
    assert world.plan(desired).empty


def test_an_object_whose_follow_up_is_refused_is_finished_and_not_replaced(
    world: WalkWorld,
) -> None:
    """The kind: one missing right must not doom a new object."""
    world.aws.inject(
        Fault(
            kind=FaultKind.ERROR, operation="PutBucketVersioning", status=403, code="AccessDenied"
        )
    )
    result = world.apply(stack_of(bucket()))
    assert "s3:PutBucketVersioning" in result.failures[0].message
    assert "the next apply goes on with it" in result.failures[0].message
    world.aws.client("s3").put_object(Bucket="ml-bucket-1", Key="first", Body=b"data")
    world.assert_state_is_the_cloud()
    plan = world.plan(stack_of(bucket()))
    assert plan.changes[0].action is Action.UPDATE
    assert not plan.guards
    assert world.apply(stack_of(bucket())).ok
    assert world.plan(stack_of(bucket())).empty
    assert world.aws.client("s3").list_objects_v2(Bucket="ml-bucket-1")["KeyCount"] == 1


def test_a_machine_that_dies_while_it_starts_is_tainted_and_replaced(world: WalkWorld) -> None:
    desired = stack_of(group(), instance())
    world.aws.hold_instances(pending=1000)

    def end_it() -> None:
        while not (found := world.instances()):
            time.sleep(0.05)
        world.aws.client("ec2").terminate_instances(InstanceIds=[found[0]["InstanceId"]])

    beside = threading.Thread(target=end_it)
    beside.start()
    assert "tainted" in world.apply(desired).failures[0].message
    beside.join()
    world.aws.hold_instances(pending=0)
    assert world.recorded().resources[TRAINER].tainted
    assert world.apply(desired).ok
    assert not world.recorded().resources[TRAINER].tainted
    world.assert_state_is_the_cloud()
    assert world.plan(desired).empty


def test_a_failed_update_records_only_what_the_cloud_shows_and_manages_everything(
    world: WalkWorld,
) -> None:
    world.apply(stack_of(bucket()))
    wanted = stack_of(
        bucket(
            VersioningConfiguration={"Status": "Suspended"},
            CorsConfiguration={
                "CorsRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["https://a.example"]}]
            },
        )
    )
    world.aws.inject(
        Fault(kind=FaultKind.ERROR, operation="PutBucketCors", status=403, code="AccessDenied")
    )
    result = world.apply(wanted)
    assert not result.ok
    recorded = world.recorded().resources[BUCKET].properties
    assert recorded["VersioningConfiguration"] == {"Status": "Suspended"}
    assert "CorsConfiguration" not in recorded
    assert not world.recorded().intents
    [left] = world.plan(wanted).effective
    assert {path.path.split("/")[1] for path in left.paths} == {"CorsConfiguration"}
    assert world.apply(wanted).ok
    assert world.plan(wanted).empty


def test_an_object_with_a_taken_name_is_left_alone_and_the_error_says_what_to_do(
    world: WalkWorld,
) -> None:
    world.aws.client("s3").create_bucket(Bucket="ml-bucket-1")
    result = world.apply(stack_of(bucket()))
    assert "`lifecycle.import: ml-bucket-1`" in result.failures[0].message
    assert world.recorded().empty
    wanted = stack_of(bucket(lifecycle={"import_id": "ml-bucket-1"}))
    assert world.apply(wanted).ok
    world.assert_state_is_the_cloud()
    assert world.plan(wanted).empty


def test_another_stacks_object_is_never_adopted(world: WalkWorld) -> None:
    client = world.aws.client("s3")
    client.create_bucket(Bucket="ml-bucket-1")
    client.put_bucket_tagging(
        Bucket="ml-bucket-1",
        Tagging={"TagSet": [{"Key": "gitbot:lineage", "Value": "another"}]},
    )
    wanted = stack_of(bucket(lifecycle={"import_id": "ml-bucket-1"}))
    with pytest.raises(SpecError) as refused:
        world.apply(wanted)
    assert [each.code for each in refused.value.diagnostics] == ["belongs-to-another"]
    assert world.recorded().empty


@pytest.mark.parametrize("wanted", [None, stack_of(group())], ids=["destroyed", "deleted"])
def test_an_object_that_another_stack_took_since_the_plan_is_not_deleted(
    world: WalkWorld, wanted: DesiredStack | None
) -> None:
    """The kind: what was true when the plan was made is taken for true before a deletion."""
    world.apply(stack_of(bucket(), group()))
    with world.lease() as lease:
        recorded = world.recorded()
        plan = world.plan(wanted, recorded)
        world.aws.client("s3").put_bucket_tagging(
            Bucket="ml-bucket-1",
            Tagging={"TagSet": [{"Key": "gitbot:lineage", "Value": "another"}]},
        )
        result = world.walk(lease, plan, wanted, recorded)
    (failure,) = result.failures
    assert (failure.address, "of another state" in failure.message) == ("bucket", True)
    assert world.buckets() == ["ml-bucket-1"]
    assert "bucket" in world.recorded().resources


def test_a_moved_resource_keeps_its_object(world: WalkWorld) -> None:
    world.apply(stack_of(bucket()))
    wanted = stack_of(
        bucket("artifacts", name="ml-bucket-1", lifecycle={"moved": Address("bucket")})
    )
    result = world.apply(wanted)
    assert result.ok, result.failures
    assert (result.done, result.moved) == ((), (("bucket", "artifacts"),))
    assert set(world.recorded().resources) == {"artifacts"}
    assert world.plan(wanted).empty
    world.assert_state_is_the_cloud()


def test_an_interrupt_starts_nothing_new_and_the_next_apply_goes_on(world: WalkWorld) -> None:
    started: list[str] = []

    def stop() -> bool:
        return bool(started)

    def progress(address: Address, action: str, phase: str, detail: str) -> None:
        if phase == "start":
            started.append(address)

    world.stop = stop
    world.progress = progress  # type: ignore[method-assign]
    result = world.apply(stack_of(group(), instance()))
    assert result.interrupted
    assert result.done == ((GROUP, Action.CREATE),)
    assert not world.recorded().complete
    world.stop = lambda: False
    assert world.apply(stack_of(group(), instance())).ok
    world.assert_state_is_the_cloud()


def test_a_lost_lease_ends_the_walk_before_the_next_mutation(world: WalkWorld) -> None:
    desired = stack_of(group(), instance())
    with world.lease() as lease:
        recorded = world.recorded()
        plan = world.plan(desired, recorded)
        world.store.release(lease())
        with pytest.raises(LeaseLostError):
            world.walk(lease, plan, desired, recorded)
    assert not world.groups()


def test_a_plan_of_another_state_is_refused(world: WalkWorld) -> None:
    desired = stack_of(bucket())
    plan = world.plan(desired)
    world.apply(desired)
    with world.lease() as lease, pytest.raises(StaleError):
        world.walk(lease, plan, desired, world.recorded())


def test_a_bucket_is_emptied_in_turns_and_every_turn_says_how_far_it_is(world: WalkWorld) -> None:
    """The kind: what takes longer than one apply may is gone on with, and never starts anew."""
    both = stack_of(bucket(lifecycle={"empty_on_delete": True}), group())
    world.apply(both)
    s3 = world.aws.client("s3")
    for _ in range(3):
        s3.put_object(Bucket="ml-bucket-1", Key="data", Body=b"x")
    world.turn = timedelta(0)
    first = world.apply(None)
    assert first.goes_on == first.failures[0].message
    assert "3 objects and versions of bucket ml-bucket-1 are deleted so far" in first.goes_on
    assert set(world.recorded().resources) == {BUCKET}
    s3.put_object(Bucket="ml-bucket-1", Key="late", Body=b"x")
    assert "4 objects and versions" in world.apply(None).goes_on
    last = world.apply(None)
    assert last.ok
    assert not last.goes_on
    assert world.recorded().empty
    assert world.buckets() == []


def test_a_value_of_another_shape_is_refused_in_plain_words(world: WalkWorld) -> None:
    result = world.apply(stack_of(group(), instance(SecurityGroupIds=ref("${group.GroupId}"))))
    [failure] = result.failures
    assert "SecurityGroupIds is a single value and must be a list" in failure.message
    assert world.instances() == []


def test_what_a_new_object_changes_of_its_owner_counts_for_what_comes_after_it(
    world: WalkWorld,
) -> None:
    """The kind: a network that is there already tells its IPv6 block only after it got one."""

    def wanted(*, modern: bool) -> DesiredStack:
        vpc = resource("vpc", "AWS::EC2::VPC", {"CidrBlock": "10.9.0.0/16"})
        of_vpc = {"VpcId": ref("${vpc.VpcId}")}
        block = {**of_vpc, "AmazonProvidedIpv6CidrBlock": True}
        more = resource("more", "AWS::EC2::VPCCidrBlock", block, depends_on=["vpc"])
        part = Unknown(
            template="${subnets(vpc.Ipv6CidrBlocks[0], 2, 64)[1]}",
            references={"vpc": Address("vpc")},
        )
        net = resource(
            "net",
            "AWS::EC2::Subnet",
            {**of_vpc, "CidrBlock": "10.9.1.0/24", **({"Ipv6CidrBlock": part} if modern else {})},
            depends_on=["vpc", "more"] if modern else ["vpc"],
        )
        return stack_of(vpc, net, *([more] if modern else []))

    assert world.apply(wanted(modern=False)).ok
    later = wanted(modern=True)
    assert {one.address: one.action for one in world.plan(later).effective} == {
        "more": Action.CREATE,
        "net": Action.UPDATE,
    }
    result = world.apply(later)
    assert result.ok, result.failures
    ec2, made = world.aws.client("ec2"), world.recorded().resources
    [vpc] = ec2.describe_vpcs(VpcIds=[made[Address("vpc")].remote_id])["Vpcs"]
    [net] = ec2.describe_subnets(SubnetIds=[made[Address("net")].remote_id])["Subnets"]
    [whole] = vpc["Ipv6CidrBlockAssociationSet"]
    [part] = net["Ipv6CidrBlockAssociationSet"]
    assert part["Ipv6CidrBlockState"] == {"State": "associated"}
    assert ip_network(part["Ipv6CidrBlock"]).subnet_of(ip_network(whole["Ipv6CidrBlock"]))
    assert world.plan(later).empty


KEY = resource(
    "key", "AWS::EC2::KeyPair", {"KeyName": "mine", "PublicKeyMaterial": f"ssh-ed25519 {PUBLIC}"}
)
VPC = resource("vpc", "AWS::EC2::VPC", {"CidrBlock": "10.7.0.0/16", "EnableDnsHostnames": True})
QUEUE = resource("queue", "AWS::SQS::Queue", {"QueueName": "mine", "VisibilityTimeout": 60})
LOGS = resource("logs", "AWS::Logs::LogGroup", {"LogGroupName": "/mine", "RetentionInDays": 30})


@pytest.mark.parametrize(
    ("one", "made", "removed"),
    [
        (
            KEY,
            {"ec2.ImportKeyPair": 1, "ec2.DescribeKeyPairs": 1},
            {"ec2.DescribeKeyPairs": 2, "ec2.DeleteKeyPair": 1},
        ),
        (
            VPC,
            {
                "ec2.CreateVpc": 1,
                "ec2.ModifyVpcAttribute": 1,
                "ec2.DescribeVpcAttribute": 1,
                "ec2.DescribeVpcs": 3,
                "ec2.DescribeSecurityGroups": 1,
                "ec2.DescribeNetworkAcls": 1,
            },
            {
                "ec2.DescribeVpcs": 2,
                "ec2.DescribeSecurityGroups": 1,
                "ec2.DescribeNetworkAcls": 1,
                "ec2.DeleteVpc": 1,
            },
        ),
        (
            QUEUE,
            {"sqs.GetQueueAttributes": 2, "sqs.CreateQueue": 1, "sqs.ListQueueTags": 1},
            {"sqs.GetQueueAttributes": 2, "sqs.ListQueueTags": 1, "sqs.DeleteQueue": 1},
        ),
        (
            LOGS,
            {
                "logs.CreateLogGroup": 1,
                "logs.PutRetentionPolicy": 1,
                "logs.DescribeLogGroups": 2,
                "logs.ListTagsForResource": 1,
            },
            {"logs.DescribeLogGroups": 2, "logs.ListTagsForResource": 1, "logs.DeleteLogGroup": 1},
        ),
        (
            group(),
            {
                "ec2.CreateSecurityGroup": 1,
                "ec2.AuthorizeSecurityGroupIngress": 1,
                "ec2.DescribeSecurityGroups": 2,
            },
            {"ec2.DescribeSecurityGroups": 1, "ec2.DeleteSecurityGroup": 1},
        ),
    ],
    ids=lambda one: getattr(one, "address", None),
)
def test_an_object_costs_no_call_that_tells_nothing_new(
    world: WalkWorld, one: DesiredResource, made: dict[str, int], removed: dict[str, int]
) -> None:
    world.aws.forget_calls()
    assert world.apply(stack_of(one)).ok
    assert Counter(map(str, world.aws.calls)) == made
    with world.lease() as lease:
        recorded = world.recorded()
        plan = world.plan(None, recorded)
        world.aws.forget_calls()
        assert world.walk(lease, plan, None, recorded).ok
    assert Counter(map(str, world.aws.calls)) == removed


def test_many_objects_of_a_kind_are_described_together(world: WalkWorld) -> None:
    """The kind: as many questions as there are objects, each about one."""
    names = [f"table_{number}" for number in range(10)]
    network = stack_of(VPC, *(_route_table(name) for name in names))
    world.aws.inject(Fault(kind=FaultKind.DELAY, count=None, seconds=0.05))
    world.aws.forget_calls()
    assert world.apply(network).ok
    calls = Counter(call.operation for call in world.aws.calls)
    assert calls["CreateRouteTable"] == len(names)
    assert calls["DescribeRouteTables"] <= len(names) / 2
    world.aws.forget_calls()
    assert world.apply(None).ok
    calls = Counter(call.operation for call in world.aws.calls)
    assert calls["DeleteRouteTable"] == len(names)
    assert calls["DescribeRouteTables"] <= len(names)  # a look before, and one after
    assert world.recorded().empty


def _route_table(name: str) -> DesiredResource:
    properties = {"VpcId": ref("${vpc.VpcId}")}
    return resource(name, "AWS::EC2::RouteTable", properties, depends_on=("vpc",))


def test_a_name_that_is_taken_is_told_by_the_refusal_alone(world: WalkWorld) -> None:
    ec2 = world.aws.client("ec2")
    ec2.import_key_pair(KeyName="mine", PublicKeyMaterial=f"ssh-ed25519 {PUBLIC}".encode())
    failed = world.apply(stack_of(KEY))
    assert "`lifecycle.import: mine`" in failed.failures[0].message
    assert world.recorded().empty
    assert not world.recorded().intents
    [pair] = ec2.describe_key_pairs()["KeyPairs"]
    assert not pair["Tags"]


def test_an_object_of_an_earlier_create_that_came_late_is_taken_for_ones_own(
    world: WalkWorld,
) -> None:
    """The kind: a call that was given up after a death, and served a minute later."""
    world.apply(stack_of(group()))
    tags = {"gitbot:lineage": world.recorded().lineage, "gitbot:resource": "key"}
    world.aws.client("ec2").import_key_pair(
        KeyName="mine",
        PublicKeyMaterial=f"ssh-ed25519 {PUBLIC}".encode(),
        TagSpecifications=[
            {
                "ResourceType": "key-pair",
                "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
            }
        ],
    )
    assert world.apply(stack_of(group(), KEY)).ok
    assert world.recorded().resources[Address("key")].remote_id == "mine"


def test_a_new_object_that_aws_does_not_show_yet_is_waited_for(world: WalkWorld) -> None:
    """The kind: a table whose objects are ready when they are there is not waited for at all."""
    missing = Fault(
        kind=FaultKind.ERROR,
        operation="GetQueueAttributes",
        status=400,
        code="AWS.SimpleQueueService.NonExistentQueue",
        skip=1,  # the look for its name
        count=2,
    )
    world.aws.inject(missing)
    assert world.apply(stack_of(QUEUE)).ok
    assert [call.fault for call in world.aws.calls].count("error") == 2
    assert world.plan(stack_of(QUEUE)).empty
