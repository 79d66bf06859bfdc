"""Tests for what only security groups have: default egress, order of changes, dependents."""

from __future__ import annotations

import pytest

from gitbot.errors import CloudError, ConflictError
from gitbot.model.names import Address, RemoteId
from gitbot_sandbox.aws import Fault, FaultKind
from tests.contract.aws.cases.case import AMI
from tests.contract.aws.life import Life
from tests.contract.aws.world import AwsWorld

GROUP = "AWS::EC2::SecurityGroup"
OPEN = [{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}]
HTTPS = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0"}
SPEC = {"GroupDescription": "a group"}


def egress(world: AwsWorld, remote_id: RemoteId) -> object:
    return world.properties(GROUP, remote_id)["SecurityGroupEgress"]


def test_undeclared_egress_stays_open(world: AwsWorld) -> None:
    remote_id = world.create(GROUP, SPEC)
    assert egress(world, remote_id) == OPEN
    assert world.differences(GROUP, remote_id, SPEC) == ()


def test_empty_egress_allows_nothing_and_removed_egress_allows_all_again(world: AwsWorld) -> None:
    closed = {**SPEC, "SecurityGroupEgress": []}
    remote_id = world.create(GROUP, closed)
    assert egress(world, remote_id) == []
    world.update(GROUP, remote_id, closed, SPEC)
    assert egress(world, remote_id) == OPEN


def test_removed_egress_allows_what_a_new_group_of_the_same_vpc_allows(world: AwsWorld) -> None:
    """The kind: a default that comes back is AWS's own, and what a spec declares is exact."""
    client = world.aws.client("ec2")
    made = client.create_vpc(CidrBlock="10.9.0.0/16", AmazonProvidedIpv6CidrBlock=True)
    spec = {**SPEC, "VpcId": made["Vpc"]["VpcId"]}
    remote_id = world.create(GROUP, spec)
    fresh = egress(world, remote_id)
    assert fresh == [*OPEN, {"IpProtocol": "-1", "CidrIpv6": "::/0"}]
    life = Life(world, GROUP)
    life.apply({**spec, "SecurityGroupEgress": [HTTPS]})
    assert life.remote_id is not None
    life.apply(spec)
    assert egress(world, life.remote_id) == fresh
    life.apply({**spec, "SecurityGroupEgress": OPEN})
    assert egress(world, life.remote_id) == OPEN


def test_declared_egress_needs_no_vpc_of_its_own(world: AwsWorld) -> None:
    spec = {**SPEC, "SecurityGroupEgress": [HTTPS]}
    remote_id = world.create(GROUP, spec)
    assert egress(world, remote_id) == [HTTPS]
    assert "dependentRequired" not in world.schema(GROUP).json_schema


def test_new_rules_are_added_before_old_ones_are_removed(world: AwsWorld) -> None:
    before = {**SPEC, "SecurityGroupIngress": [HTTPS]}
    after = {**SPEC, "SecurityGroupIngress": [{**HTTPS, "CidrIp": "10.0.0.0/8"}]}
    remote_id = world.create(GROUP, before)
    world.aws.forget_calls()
    world.update(GROUP, remote_id, before, after)
    changes = [c.operation for c in world.aws.calls if not c.operation.startswith("Describe")]
    assert changes == ["AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress"]


def test_changing_only_a_description_adds_and_removes_no_rule(world: AwsWorld) -> None:
    before = {**SPEC, "SecurityGroupIngress": [{**HTTPS, "Description": "web"}]}
    after = {**SPEC, "SecurityGroupIngress": [{**HTTPS, "Description": "the web"}]}
    remote_id = world.create(GROUP, before)
    world.aws.forget_calls()
    world.update(GROUP, remote_id, before, after)
    changes = [c.operation for c in world.aws.calls if not c.operation.startswith("Describe")]
    assert changes == ["UpdateSecurityGroupRuleDescriptionsIngress"]
    assert world.differences(GROUP, remote_id, after) == ()


def test_a_rule_that_somebody_else_added_is_drift_and_is_removed(world: AwsWorld) -> None:
    spec = {**SPEC, "SecurityGroupIngress": [HTTPS]}
    remote_id = world.create(GROUP, spec)
    world.aws.client("ec2").authorize_security_group_ingress(
        GroupId=remote_id, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
    )
    assert [path.removed for path in world.differences(GROUP, remote_id, spec)] == [True]
    operation = world.operation(
        GROUP, spec, changed=frozenset({"SecurityGroupIngress"}), recorded=spec
    )
    world.cloud.update(operation, remote_id)
    assert world.differences(GROUP, remote_id, spec) == ()


def test_a_group_that_a_machine_uses_is_refused_at_once_with_the_names_of_its_users(
    world: AwsWorld,
) -> None:
    remote_id = world.create(GROUP, SPEC)
    machine = world.create(
        "AWS::EC2::Instance",
        {"ImageId": AMI, "InstanceType": "t3.micro", "SecurityGroupIds": [remote_id]},
        token="instance",
    )
    with pytest.raises(CloudError, match=f"still in use.*instance {machine}") as refused:
        world.cloud.delete(world.operation(GROUP, SPEC), remote_id)
    assert refused.value.code == "InUse"
    assert sum(call.operation == "DeleteSecurityGroup" for call in world.aws.calls) == 1
    assert not world.is_absent(GROUP, remote_id)


def test_a_group_is_deleted_when_the_interface_of_an_ended_machine_is_gone(
    world: AwsWorld,
) -> None:
    remote_id = world.create(GROUP, SPEC)
    world.aws.inject(
        Fault(
            kind=FaultKind.ERROR,
            operation="DeleteSecurityGroup",
            status=400,
            code="DependencyViolation",
            count=2,
        )
    )
    world.cloud.delete(world.operation(GROUP, SPEC), remote_id)
    assert world.is_absent(GROUP, remote_id)


def test_a_group_that_another_groups_rule_names_is_refused_at_once(world: AwsWorld) -> None:
    remote_id = world.create(GROUP, SPEC)
    rule = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "SourceSecurityGroupId": remote_id}
    other = world.create(
        GROUP, {"GroupDescription": "other", "SecurityGroupIngress": [rule]}, token="other"
    )
    with pytest.raises(CloudError, match=f"a rule of security group {other}"):
        world.cloud.delete(world.operation(GROUP, SPEC), remote_id)


def test_a_group_of_the_same_name_in_another_vpc_is_no_conflict(world: AwsWorld) -> None:
    client = world.aws.client("ec2")
    vpc = client.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    client.create_security_group(GroupName="same", Description="x", VpcId=vpc)
    spec = {**SPEC, "GroupName": "same"}
    assert world.cloud.find(world.operation(GROUP, spec)) is None
    world.create(GROUP, spec)


def test_a_group_that_names_itself_is_written_and_reads_back(world: AwsWorld) -> None:
    """Every training job of several nodes needs it; EC2 takes such a rule only after the group."""
    life = Life(world, GROUP)
    rule = {"IpProtocol": "-1", "SourceSecurityGroupId": "self"}
    life.apply({"GroupDescription": "mesh", "SecurityGroupIngress": [rule]})
    assert life.remote_id is not None
    [group] = world.aws.client("ec2").describe_security_groups(GroupIds=[life.remote_id])[
        "SecurityGroups"
    ]
    [permission] = group["IpPermissions"]
    assert permission["UserIdGroupPairs"][0]["GroupId"] == life.remote_id
    literal = {**rule, "SourceSecurityGroupId": str(life.remote_id)}
    by_identifier = {"GroupDescription": "mesh", "SecurityGroupIngress": [literal]}
    assert life.plan(by_identifier).empty, "as a spec says it that was written for an import"
    life.apply(by_identifier)
    life.apply({"GroupDescription": "mesh", "SecurityGroupIngress": []})


@pytest.mark.parametrize("address", ["sg", "sg-web"])
def test_a_generated_name_never_begins_as_identifiers_do(world: AwsWorld, address: str) -> None:
    spec = {"GroupDescription": "x"}
    remote_id = world.create(GROUP, spec, address=Address(address))
    assert world.properties(GROUP, remote_id)["GroupName"].startswith("group-sg-")
    operation = world.operation(GROUP, spec, address=Address(address))
    assert world.cloud.create(operation) == remote_id, "the same operation, the same name"


@pytest.mark.parametrize("address", ["sthree", "amzn-s3-demo"])
def test_a_generated_bucket_name_is_none_that_s3_keeps(world: AwsWorld, address: str) -> None:
    name = world.create("AWS::S3::Bucket", {}, address=Address(address))
    assert name.startswith(f"bucket-{address}-")


def test_the_rule_that_came_with_the_group_is_taken_over_by_who_wants_it(world: AwsWorld) -> None:
    """The kind: what AWS makes itself along with an object is nobody's, and in nobody's way."""
    group = world.create(GROUP, SPEC)
    spec = {"GroupId": group, **OPEN[0], "Description": "everywhere"}
    life = Life(world, "AWS::EC2::SecurityGroupEgress")
    life.apply(spec)
    assert world.differences("AWS::EC2::SecurityGroupEgress", life.remote_id, spec) == ()
    assert egress(world, group) == [{**OPEN[0], "Description": "everywhere"}]
    with pytest.raises(ConflictError, match="already"):
        world.create("AWS::EC2::SecurityGroupEgress", spec, token="f" * 32)
    life.end()
    assert egress(world, group) == []
