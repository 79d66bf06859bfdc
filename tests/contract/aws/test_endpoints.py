"""Tests for what only endpoints, interfaces and flow logs have: changes of lists, refusals, users."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from gitbot.errors import CloudError
from gitbot.language.keywords import validator_of
from gitbot.model.names import RemoteId
from gitbot_sandbox.aws.states import hold
from tests.contract.aws.cases.ec2_network import (
    flow_log,
    interface_endpoint,
    machine,
    subnet,
    table,
    vpc,
)
from tests.contract.aws.world import AwsWorld

ENDPOINT = "AWS::EC2::VPCEndpoint"
GROUP = "AWS::EC2::SecurityGroup"
INTERFACE = "AWS::EC2::NetworkInterface"
LOG = "AWS::EC2::FlowLog"
SUBNET = "AWS::EC2::Subnet"
VPC = "AWS::EC2::VPC"


@pytest.fixture(autouse=True)
def slow() -> Iterator[None]:
    """Nothing is made or deleted at once: whoever does not wait is seen."""
    hold(describes=3)
    yield
    hold()


def storage(world: AwsWorld, *tables: str, vpc_id: str = "") -> dict[str, Any]:
    """A spec of a gateway endpoint."""
    service = "com.amazonaws.us-east-1.s3"
    spec: dict[str, Any] = {"VpcId": vpc_id or vpc(world), "ServiceName": service}
    return {**spec, "RouteTableIds": list(tables)} if tables else spec


# --- endpoints -----------------------------------------------------------------------------------


def test_a_gateway_endpoint_stands_in_the_route_tables_of_its_spec(world: AwsWorld) -> None:
    vpc_id = vpc(world)
    first, second, third = (table(world, vpc_id) for _ in range(3))
    spec = storage(world, first, second, vpc_id=vpc_id)
    remote_id = world.create(ENDPOINT, spec)
    assert world.differences(ENDPOINT, remote_id, spec) == ()
    for tables in ((second, third), (first,), ()):
        other = storage(world, *tables, vpc_id=vpc_id)
        world.update(ENDPOINT, remote_id, spec, other)
        there = world.properties(ENDPOINT, remote_id).get("RouteTableIds")
        assert sorted(there or ()) == sorted(tables)
        spec = other


def test_a_route_table_has_one_endpoint_of_a_service(world: AwsWorld) -> None:
    vpc_id = vpc(world)
    first, second = table(world, vpc_id), table(world, vpc_id)
    world.create(ENDPOINT, storage(world, first, vpc_id=vpc_id))
    with pytest.raises(CloudError, match="already has a route") as refused:
        world.create(ENDPOINT, storage(world, second, first, vpc_id=vpc_id), token="2" * 32)
    assert refused.value.code == "RouteAlreadyExists"
    world.create(ENDPOINT, storage(world, second, vpc_id=vpc_id), token="3" * 32)


def test_an_update_that_is_sent_again_calls_nothing_when_all_is_as_wanted(world: AwsWorld) -> None:
    vpc_id = vpc(world)
    before = storage(world, table(world, vpc_id), vpc_id=vpc_id)
    after = storage(world, table(world, vpc_id), vpc_id=vpc_id)
    remote_id = world.create(ENDPOINT, before)
    world.update(ENDPOINT, remote_id, before, after)
    world.aws.forget_calls()
    world.update(ENDPOINT, remote_id, before, after)
    assert {call.operation for call in world.aws.calls} == {"DescribeVpcEndpoints"}


def test_a_policy_that_leaves_the_spec_lets_everything_through(world: AwsWorld) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    bare = storage(world)
    spec = {**bare, "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    remote_id = world.create(ENDPOINT, spec)
    world.update(ENDPOINT, remote_id, spec, bare)
    assert '"Action": ["*"]' in str(world.properties(ENDPOINT, remote_id)["PolicyDocument"])


def test_what_an_endpoint_uses_cannot_be_deleted_and_names_it(world: AwsWorld) -> None:
    spec = interface_endpoint(world)
    remote_id = world.create(ENDPOINT, spec)
    [net], [group] = spec["SubnetIds"], spec["SecurityGroupIds"]
    for type_, used in ((VPC, spec["VpcId"]), (SUBNET, net), (GROUP, group)):
        with pytest.raises(CloudError, match=f"VPC endpoint {remote_id}") as refused:
            world.cloud.delete(world.operation(type_, {}, within_s=0.5), RemoteId(used))
        assert refused.value.code == "InUse"
    world.cloud.delete(world.operation(ENDPOINT, spec), remote_id)
    for type_, used in ((SUBNET, net), (GROUP, group)):
        world.cloud.delete(world.operation(type_, {}), RemoteId(used))


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"SubnetIds": ["subnet-1"]}, "SubnetIds"),
        ({"VpcEndpointType": "Gateway", "SecurityGroupIds": ["sg-1"]}, "SecurityGroupIds"),
        ({"VpcEndpointType": "Interface", "RouteTableIds": ["rtb-1"]}, "RouteTableIds"),
    ],
)
def test_an_endpoint_of_the_other_type_is_refused_before_the_apply(
    world: AwsWorld, more: dict[str, Any], problem: str
) -> None:
    validator = validator_of(world.schema(ENDPOINT).json_schema)
    least = {"VpcId": "vpc-1", "ServiceName": "com.amazonaws.us-east-1.s3"}
    assert validator.errors(least) == []
    assert [error.path for error in validator.errors({**least, **more})] == [(problem,)]


# --- interfaces ----------------------------------------------------------------------------------


def test_the_interface_of_an_instance_stays_and_names_the_instance(world: AwsWorld) -> None:
    ec2, instance = world.aws.client("ec2"), machine(world)
    [[described]] = [one["Instances"] for one in ec2.describe_instances()["Reservations"]]
    remote_id = world.create(INTERFACE, {"SubnetId": described["SubnetId"]})
    attached = ec2.attach_network_interface(
        NetworkInterfaceId=remote_id, InstanceId=instance, DeviceIndex=1
    )
    with pytest.raises(CloudError, match=f"instance {instance} would have to go") as refused:
        world.cloud.delete(world.operation(INTERFACE, {}, within_s=0.5), remote_id)
    assert refused.value.code == "InUse"
    ec2.detach_network_interface(AttachmentId=attached["AttachmentId"])
    world.cloud.delete(world.operation(INTERFACE, {}), remote_id)
    assert world.is_absent(INTERFACE, remote_id)


def test_an_interface_keeps_its_group_and_its_subnet(world: AwsWorld) -> None:
    net = subnet(world, vpc(world))
    remote_id = world.create(INTERFACE, {"SubnetId": net})
    with pytest.raises(CloudError, match=f"network interface {remote_id} would have to go"):
        world.cloud.delete(world.operation(SUBNET, {}, within_s=0.5), RemoteId(net))


def test_an_interface_has_the_addresses_and_as_many_more_as_its_spec_says(world: AwsWorld) -> None:
    net = subnet(world, vpc(world))
    given = [
        {"PrivateIpAddress": "10.1.1.20", "Primary": True},
        {"PrivateIpAddress": "10.1.1.21", "Primary": False},
    ]
    spec: dict[str, Any] = {"SubnetId": net, "PrivateIpAddresses": given[::-1]}
    assert world.differences(INTERFACE, world.create(INTERFACE, spec), spec) == ()
    bare = {"SubnetId": net}
    remote_id = world.create(INTERFACE, bare, token="more")
    for before, after in ((0, 3), (3, 1), (1, 0)):
        counts = [{**bare, "SecondaryPrivateIpAddressCount": one} for one in (before, after)]
        world.update(INTERFACE, remote_id, *counts)
        there = world.properties(INTERFACE, remote_id)["SecondaryPrivateIpAddresses"]
        assert len(set(there)) == after


# --- flow logs -----------------------------------------------------------------------------------


def test_a_log_that_aws_refuses_in_its_answer_fails_with_the_reason(world: AwsWorld) -> None:
    """CreateFlowLogs succeeds, and lists what it did not make."""
    spec = {**flow_log(world), "LogDestination": "arn:aws:s3:::nobody-has-this"}
    with pytest.raises(CloudError, match="nobody-has-this does not exist") as refused:
        world.create(LOG, spec)
    assert refused.value.call == "ec2:CreateFlowLogs"
