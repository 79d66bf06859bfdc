"""Tests for walks over what AWS makes slowly and lets fail: NAT gateways."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gitbot.model.names import Address
from gitbot.providers.aws.catalog import open_catalog
from gitbot_sandbox.aws import LocalAws
from gitbot_sandbox.aws.states import hold
from tests.contract.walk_world import WalkWorld, resource, stack_of

NAT = Address("nat")


@pytest.fixture
def world(local_aws: LocalAws, tmp_path: Path) -> Iterator[WalkWorld]:
    local_aws.reset()
    hold(describes=2)
    world = WalkWorld(local_aws, open_catalog(), tmp_path)
    yield world
    world.engine.dispose()
    hold()


def test_a_gateway_that_failed_is_tainted_and_replaced_with_the_same_address(
    world: WalkWorld,
) -> None:
    """Somebody forgot the internet gateway: AWS makes the NAT gateway, and lets it fail later."""
    ec2 = world.aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    net = ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.1.0/24")["Subnet"]["SubnetId"]
    allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
    properties = {"SubnetId": net, "AllocationId": allocation}
    desired = stack_of(resource("nat", "AWS::EC2::NatGateway", properties))
    (failure,) = world.apply(desired).failures
    assert f"Network {vpc} has no Internet gateway attached" in failure.message
    assert "tainted" in failure.message
    failed = world.recorded().resources[NAT]
    assert failed.tainted

    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(VpcId=vpc, InternetGatewayId=gateway)
    assert world.apply(desired).ok
    made = world.recorded().resources[NAT]
    assert not made.tainted
    there = {
        one["NatGatewayId"]: one["State"] for one in ec2.describe_nat_gateways()["NatGateways"]
    }
    assert there == {failed.remote_id: "deleted", made.remote_id: "available"}
    assert world.plan(desired).empty
