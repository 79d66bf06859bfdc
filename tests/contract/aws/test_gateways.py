"""Tests for what only addresses and NAT gateways have: failures, slow ends, what uses them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from gitbot.errors import CloudError
from gitbot.model.cloud import FAILED
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Present, ReadRequest
from gitbot.model.schema import Route
from gitbot_sandbox.aws import Fault, FaultKind
from gitbot_sandbox.aws.states import hold
from tests.contract.aws.cases.ec2_network import (
    address,
    machine,
    nat_gateway,
    public_subnet,
    subnet,
    vpc,
)
from tests.contract.aws.world import AwsWorld

EIP = "AWS::EC2::EIP"
NAT = "AWS::EC2::NatGateway"
SUBNET = "AWS::EC2::Subnet"
GATEWAY = "AWS::EC2::VPCGatewayAttachment"


def of_allocation(world: AwsWorld, allocation: str) -> RemoteId:
    """The identifier of the address."""
    found = world.aws.client("ec2").describe_addresses(AllocationIds=[allocation])
    return RemoteId(f"{found['Addresses'][0]['PublicIp']}|{allocation}")


# --- NAT gateways --------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def slow() -> Iterator[None]:
    """Nothing is made or deleted at once: whoever does not wait is seen."""
    hold(describes=3)
    yield
    hold()


def test_a_gateway_that_fails_is_told_in_the_words_of_aws(world: AwsWorld) -> None:
    """Without an internet gateway, AWS makes the NAT gateway, and lets it fail a minute later."""
    spec = {"SubnetId": subnet(world, vpc(world)), "AllocationId": address(world)}
    with pytest.raises(CloudError, match="has no Internet gateway attached") as refused:
        world.create(NAT, spec)
    assert refused.value.code == FAILED


def test_a_gateway_whose_address_is_taken_fails(world: AwsWorld) -> None:
    spec = nat_gateway(world)
    world.create(NAT, spec, token="first")
    other = {"SubnetId": spec["SubnetId"], "AllocationId": spec["AllocationId"]}
    with pytest.raises(CloudError, match=r"Resource\.AlreadyAssociated"):
        world.create(NAT, other)


def test_a_lost_answer_makes_no_second_gateway(world: AwsWorld) -> None:
    world.aws.inject(Fault(kind=FaultKind.LOST_REPLY, service="ec2", operation="CreateNatGateway"))
    remote_id = world.create(NAT, nat_gateway(world))
    gateways = world.aws.client("ec2").describe_nat_gateways()["NatGateways"]
    assert [one["NatGatewayId"] for one in gateways] == [remote_id]


def test_a_created_gateway_is_available_and_a_deleted_one_has_freed_its_address(
    world: AwsWorld,
) -> None:
    ec2, spec = world.aws.client("ec2"), nat_gateway(world)
    remote_id = world.create(NAT, spec)
    [made] = ec2.describe_nat_gateways()["NatGateways"]
    assert made["State"] == "available"
    world.cloud.delete(world.operation(NAT, spec), remote_id)
    [gone] = ec2.describe_nat_gateways()["NatGateways"]
    assert gone["State"] == "deleted"
    world.cloud.delete(world.operation(EIP, {}), of_allocation(world, spec["AllocationId"]))
    assert ec2.describe_addresses()["Addresses"] == []


def test_gateways_are_read_in_pages(world: AwsWorld) -> None:
    net = public_subnet(world)
    ids = [
        world.create(NAT, {"SubnetId": net, "ConnectivityType": "private"}, token=str(number))
        for number in range(3)
    ]
    requests = [
        ReadRequest(
            address=Address(one),
            type=NAT,
            remote_id=one,
            route=Route.NATIVE,
            surfaces=frozenset({"SubnetId"}),
        )
        for one in ids
    ]
    world.aws.forget_calls()
    observed = world.cloud.read(requests)
    assert all(isinstance(one, Present) for one in observed.values())
    assert Counter(call.operation for call in world.aws.calls) == {"DescribeNatGateways": 1}


# --- what uses what ------------------------------------------------------------------------------


def test_what_a_gateway_uses_cannot_be_deleted_and_names_it(world: AwsWorld) -> None:
    spec = nat_gateway(world)
    remote_id = world.create(NAT, spec)
    its_address = of_allocation(world, spec["AllocationId"])
    for type_, used in ((EIP, its_address), (SUBNET, RemoteId(spec["SubnetId"]))):
        with pytest.raises(CloudError, match=f"NAT gateway {remote_id} would have to go") as error:
            world.cloud.delete(world.operation(type_, {}, within_s=0.5), used)
        assert error.value.code == "InUse"
        assert not world.is_absent(type_, used)


def test_the_internet_gateway_of_a_nat_gateway_stays_attached(world: AwsWorld) -> None:
    remote_id = world.create(NAT, nat_gateway(world))
    attached = RemoteId(f"IGW|{world.properties(NAT, remote_id)['VpcId']}")
    with pytest.raises(CloudError) as refused:
        world.cloud.delete(world.operation(GATEWAY, {}, within_s=0.5), attached)
    assert refused.value.code == "DependencyViolation"


def test_an_address_is_released_a_while_after_its_gateway_is_gone(world: AwsWorld) -> None:
    """AWS shows the gateway as deleted, and refuses for some seconds to release its address."""
    remote_id = of_allocation(world, address(world))
    fault = Fault(
        kind=FaultKind.ERROR,
        operation="ReleaseAddress",
        status=400,
        code="AuthFailure",
        message="You do not have permission to access the specified resource.",
        count=2,
    )
    world.aws.inject(fault)
    world.cloud.delete(world.operation(EIP, {}), remote_id)
    assert world.is_absent(EIP, remote_id)


# --- addresses -----------------------------------------------------------------------------------


def test_an_address_moves_from_one_instance_to_another_and_is_taken_off(world: AwsWorld) -> None:
    first, second = machine(world), machine(world)
    remote_id = world.create(EIP, {"InstanceId": first})
    world.update(EIP, remote_id, {"InstanceId": first}, {"InstanceId": second})
    assert world.properties(EIP, remote_id)["InstanceId"] == second
    world.update(EIP, remote_id, {"InstanceId": second}, {})
    assert "InstanceId" not in world.properties(EIP, remote_id)


def test_a_deleted_address_is_taken_off_its_instance_which_stays(world: AwsWorld) -> None:
    instance = machine(world)
    remote_id = world.create(EIP, {"InstanceId": instance})
    world.cloud.delete(world.operation(EIP, {}), remote_id)
    assert world.is_absent(EIP, remote_id)
    [[alive]] = [
        one["Instances"] for one in world.aws.client("ec2").describe_instances()["Reservations"]
    ]
    assert (alive["InstanceId"], alive["State"]["Name"]) == (instance, "running")


def test_an_address_that_an_interface_has_is_not_released(world: AwsWorld) -> None:
    ec2, allocation = world.aws.client("ec2"), address(world)
    made = ec2.create_network_interface(SubnetId=public_subnet(world))["NetworkInterface"]
    interface = made["NetworkInterfaceId"]
    ec2.associate_address(AllocationId=allocation, NetworkInterfaceId=interface)
    remote_id = of_allocation(world, allocation)
    with pytest.raises(CloudError, match=f"network interface {interface} would have to go"):
        world.cloud.delete(world.operation(EIP, {}, within_s=0.5), remote_id)
    assert not world.is_absent(EIP, remote_id)
