"""Tests for what only networks have: bulk reads, lag, creates without a token, dependents."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import Any

import pytest

from gitbot.errors import CloudError, ConflictError, TransientError
from gitbot.language.keywords import validator_of
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Absent, Present, ReadRequest
from gitbot.model.plan import Action
from gitbot.model.schema import Route
from gitbot_sandbox.aws import Fault, FaultKind
from tests.contract.aws.cases.case import AMI
from tests.contract.aws.cases.ec2 import association, attachment, ingress_rule, route
from tests.contract.aws.life import Life, RefusedError
from tests.contract.aws.world import TOKEN, AwsWorld

VPC = "AWS::EC2::VPC"
SUBNET = "AWS::EC2::Subnet"
GATEWAY = "AWS::EC2::InternetGateway"
ATTACHMENT = "AWS::EC2::VPCGatewayAttachment"
TABLE = "AWS::EC2::RouteTable"
ROUTE = "AWS::EC2::Route"
ASSOCIATION = "AWS::EC2::SubnetRouteTableAssociation"
INGRESS = "AWS::EC2::SecurityGroupIngress"
BLOCK = {"CidrBlock": "10.8.0.0/16"}


def make_vpc(world: AwsWorld, **more: Any) -> RemoteId:
    return world.create(VPC, {**BLOCK, **more}, token="vpc")


def not_found(operation: str, code: str, count: int | None = 2) -> Fault:
    kind = FaultKind.ERROR
    return Fault(kind=kind, service="ec2", operation=operation, status=400, code=code, count=count)


def made(world: AwsWorld) -> list[str]:
    """The VPCs that carry the operation's tag."""
    filters = [{"Name": "tag:gitbot:operation", "Values": [TOKEN]}]
    return [vpc["VpcId"] for vpc in world.aws.client("ec2").describe_vpcs(Filters=filters)["Vpcs"]]


# --- reading -------------------------------------------------------------------------------------


def many(world: AwsWorld) -> dict[str, list[RemoteId]]:
    """Five objects of each of four types."""
    vpc_id, found = make_vpc(world), {SUBNET: [], TABLE: [], ROUTE: [], INGRESS: []}
    peer = world.aws.client("ec2").create_transit_gateway()["TransitGateway"]["TransitGatewayId"]
    group = ingress_rule(world)
    for number in range(5):
        token = f"many-{number}"
        specs: dict[str, dict[str, Any]] = {
            SUBNET: {"VpcId": vpc_id, "CidrBlock": f"10.8.{number}.0/24"},
            TABLE: {"VpcId": vpc_id},
            INGRESS: {**group, "FromPort": 1000 + number, "ToPort": 1000 + number},
        }
        for type_, spec in specs.items():
            found[type_].append(world.create(type_, spec, token=token))
        to = {"RouteTableId": found[TABLE][-1], "DestinationCidrBlock": "192.0.2.0/24"}
        found[ROUTE].append(world.create(ROUTE, {**to, "TransitGatewayId": peer}, token=token))
    return found


def test_reading_many_objects_costs_one_call_a_page(world: AwsWorld) -> None:
    found = many(world)
    requests = [
        ReadRequest(
            address=Address(remote_id),
            type=type_,
            remote_id=remote_id,
            route=Route.NATIVE,
            surfaces=frozenset({"VpcId"}),
        )
        for type_, ids in found.items()
        for remote_id in (*ids, RemoteId(f"{ids[0][:-1]}x"))
    ]
    world.aws.forget_calls()
    observed = world.cloud.read(requests)
    assert Counter(call.operation for call in world.aws.calls) == {
        "DescribeSubnets": 1,
        "DescribeNetworkAcls": 1,
        "DescribeRouteTables": 2,
        "DescribeSecurityGroupRules": 1,
    }
    for request in requests:
        there = request.remote_id in found[request.type]
        assert isinstance(observed[request.address], Present if there else Absent)


def test_an_attribute_of_a_vpc_costs_a_call_only_if_it_is_declared(world: AwsWorld) -> None:
    remote_id = make_vpc(world, EnableDnsHostnames=True)
    world.aws.forget_calls()
    world.observe(VPC, remote_id, {"CidrBlock", "EnableDnsHostnames"})
    assert Counter(call.operation for call in world.aws.calls) == {
        "DescribeVpcs": 1,
        "DescribeSecurityGroups": 1,
        "DescribeNetworkAcls": 1,
        "DescribeVpcAttribute": 1,
    }


def test_the_defaults_of_a_vpc_are_not_confused_with_what_others_make_in_it(
    world: AwsWorld,
) -> None:
    remote_id = make_vpc(world)
    before = world.properties(VPC, remote_id)
    ec2 = world.aws.client("ec2")
    ec2.create_security_group(GroupName="another", Description="another", VpcId=remote_id)
    ec2.create_network_acl(VpcId=remote_id)
    assert world.properties(VPC, remote_id) == before
    assert str(before["DefaultSecurityGroup"]).startswith("sg-")
    assert str(before["DefaultNetworkAcl"]).startswith("acl-")


def test_a_vpc_that_is_deleted_while_it_is_read_is_absent(world: AwsWorld) -> None:
    remote_id = make_vpc(world)
    world.aws.inject(not_found("DescribeVpcAttribute", "InvalidVpcID.NotFound"))
    assert world.is_absent(VPC, remote_id)


# --- creating ------------------------------------------------------------------------------------


def test_a_create_whose_answer_is_lost_finds_the_first_vpc(world: AwsWorld) -> None:
    operation = world.operation(VPC, BLOCK)
    world.aws.inject(Fault(kind=FaultKind.LOST_REPLY, service="ec2", operation="CreateVpc"))
    with pytest.raises(TransientError):
        world.cloud.create(operation)
    found = world.cloud.find(operation)
    assert found is not None
    assert made(world) == [found.remote_id]
    assert world.cloud.create(operation) == found.remote_id


def test_a_throttled_create_without_a_token_is_repeated(world: AwsWorld) -> None:
    world.aws.inject(Fault(kind=FaultKind.THROTTLE, service="ec2", operation="CreateVpc", count=2))
    remote_id = world.cloud.create(world.operation(VPC, BLOCK))
    assert made(world) == [remote_id]


def test_a_token_keeps_a_lost_answer_from_making_a_second_route_table(world: AwsWorld) -> None:
    vpc_id = make_vpc(world)
    world.aws.inject(Fault(kind=FaultKind.LOST_REPLY, service="ec2", operation="CreateRouteTable"))
    remote_id = world.cloud.create(world.operation(TABLE, {"VpcId": vpc_id}))
    tables = world.aws.client("ec2").describe_route_tables()["RouteTables"]
    assert [one["RouteTableId"] for one in tables if one["Tags"]] == [remote_id]


def test_a_call_that_names_a_too_new_object_is_repeated(world: AwsWorld) -> None:
    world.aws.inject(not_found("ModifyVpcAttribute", "InvalidVpcID.NotFound"))
    vpc_id = make_vpc(world, EnableDnsHostnames=True)
    world.aws.inject(not_found("CreateSubnet", "InvalidVpcID.NotFound"))
    world.create(SUBNET, {"VpcId": vpc_id, "CidrBlock": "10.8.1.0/24"})
    assert world.properties(VPC, vpc_id)["EnableDnsHostnames"] is True


def test_a_call_that_names_an_unknown_vpc_fails_after_the_wait(world: AwsWorld) -> None:
    spec = {"VpcId": "vpc-0123456789abcdef0", "CidrBlock": "10.8.1.0/24"}
    with pytest.raises(CloudError, match="vpc-0123456789abcdef0") as refused:
        world.cloud.create(world.operation(SUBNET, spec, within_s=0.5))
    assert refused.value.code == "InvalidVpcID.NotFound"


def test_a_route_waits_for_the_attachment_that_the_same_apply_makes(world: AwsWorld) -> None:
    ec2, spec = world.aws.client("ec2"), route(world)
    [table] = ec2.describe_route_tables(RouteTableIds=[spec["RouteTableId"]])["RouteTables"]
    attached = {"VpcId": table["VpcId"], "InternetGatewayId": spec["GatewayId"]}
    ec2.detach_internet_gateway(**attached)
    with pytest.raises(CloudError, match="different networks"):
        world.cloud.create(world.operation(ROUTE, spec, within_s=0.5))

    def attach() -> None:
        time.sleep(0.5)
        ec2.attach_internet_gateway(**attached)

    beside = threading.Thread(target=attach)
    beside.start()
    remote_id = world.create(ROUTE, spec)
    beside.join()
    assert world.differences(ROUTE, remote_id, spec) == ()


def test_a_subnet_that_overlaps_another_is_refused_with_the_reason(world: AwsWorld) -> None:
    spec = {"VpcId": make_vpc(world), "CidrBlock": "10.8.0.0/20"}
    world.create(SUBNET, spec, token="somebody-else")
    with pytest.raises(ConflictError, match="import: subnet-"):
        world.cloud.create(world.operation(SUBNET, spec))
    inside = {**spec, "CidrBlock": "10.8.1.0/24"}
    with pytest.raises(CloudError) as refused:
        world.cloud.create(world.operation(SUBNET, inside, within_s=0.5))
    assert refused.value.code == "InvalidSubnet.Conflict"


def test_attaching_a_gateway_of_another_vpc_is_refused_in_the_words_of_aws(world: AwsWorld) -> None:
    spec = attachment(world)
    world.create(ATTACHMENT, spec)
    other = {**spec, "VpcId": make_vpc(world)}
    with pytest.raises(CloudError) as refused:
        world.cloud.create(world.operation(ATTACHMENT, other, within_s=0.5))
    assert refused.value.code == "Resource.AlreadyAssociated"


def test_an_association_is_repeated_while_the_one_in_its_way_cannot_be_found(
    world: AwsWorld,
) -> None:
    world.aws.inject(not_found("AssociateRouteTable", "Resource.AlreadyAssociated"))
    spec = association(world)
    remote_id = world.create(ASSOCIATION, spec)
    assert world.differences(ASSOCIATION, remote_id, spec) == ()


# --- deleting ------------------------------------------------------------------------------------


def in_use(world: AwsWorld) -> dict[str, tuple[str, RemoteId]]:
    """A network in which each object is used by another one, and an instance has an address."""
    vpc_id = make_vpc(world)
    net = world.create(SUBNET, {"VpcId": vpc_id, "CidrBlock": "10.8.1.0/24"})
    gateway = world.create(GATEWAY, {})
    attached = world.create(ATTACHMENT, {"VpcId": vpc_id, "InternetGatewayId": gateway})
    table = world.create(TABLE, {"VpcId": vpc_id})
    world.create(ASSOCIATION, {"RouteTableId": table, "SubnetId": net})
    world.aws.client("ec2").run_instances(
        ImageId=AMI,
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        NetworkInterfaces=[{"DeviceIndex": 0, "SubnetId": net, "AssociatePublicIpAddress": True}],
    )
    return {
        "VPC": (VPC, vpc_id),
        "subnet": (SUBNET, net),
        "internet gateway": (GATEWAY, gateway),
        "gateway attachment": (ATTACHMENT, attached),
        "route table": (TABLE, table),
    }


def test_deleting_an_object_in_use_leaves_it_and_names_what_stays(world: AwsWorld) -> None:
    """A refusal that cannot pass by itself is told at once; one that may pass, after waiting."""
    for noun, (type_, remote_id) in in_use(world).items():
        world.aws.forget_calls()
        with pytest.raises(CloudError) as refused:
            world.cloud.delete(world.operation(type_, {}, within_s=0.3), remote_id)
        at_once = noun in ("VPC", "subnet")
        assert refused.value.code == ("InUse" if at_once else "DependencyViolation")
        assert f"{noun} {remote_id} is still in use and was left as it is" in str(refused.value)
        assert ("would have to go first" in str(refused.value)) == at_once
        tried = [call for call in world.aws.calls if call.operation.startswith(("Delete", "Det"))]
        assert (len(tried) == 1) == at_once
        assert not world.is_absent(type_, remote_id)


def test_a_gateway_alone_keeps_its_vpc(world: AwsWorld) -> None:
    vpc_id, gateway = make_vpc(world), world.create(GATEWAY, {})
    world.create(ATTACHMENT, {"VpcId": vpc_id, "InternetGatewayId": gateway})
    with pytest.raises(CloudError, match=f"VPC {vpc_id} is still in use"):
        world.cloud.delete(world.operation(VPC, BLOCK, within_s=0.3), vpc_id)


def test_a_vpc_is_deleted_once_its_last_user_is_gone(world: AwsWorld) -> None:
    vpc_id = make_vpc(world)
    world.aws.inject(
        Fault(
            kind=FaultKind.ERROR,
            operation="DeleteVpc",
            status=400,
            code="DependencyViolation",
            count=2,
        )
    )
    world.cloud.delete(world.operation(VPC, BLOCK), vpc_id)
    assert world.is_absent(VPC, vpc_id)


def test_deleting_a_subnet_deletes_its_association(world: AwsWorld) -> None:
    spec = association(world)
    remote_id = world.create(ASSOCIATION, spec)
    world.aws.client("ec2").delete_subnet(SubnetId=spec["SubnetId"])
    assert world.is_absent(ASSOCIATION, remote_id)
    world.cloud.delete(world.operation(ASSOCIATION, spec), remote_id)


# --- rules of their own --------------------------------------------------------------------------


def test_a_rule_that_the_group_already_has_is_a_conflict_that_names_it(world: AwsWorld) -> None:
    spec = ingress_rule(world)
    first = world.create(INGRESS, spec, token="somebody-else")
    with pytest.raises(ConflictError, match=f"import: {first}"):
        world.cloud.create(world.operation(INGRESS, {**spec, "IpProtocol": "6"}))


def test_deleting_a_group_deletes_its_rules(world: AwsWorld) -> None:
    spec = ingress_rule(world)
    remote_id = world.create(INGRESS, spec)
    world.aws.client("ec2").delete_security_group(GroupId=spec["GroupId"])
    assert world.is_absent(INGRESS, remote_id)
    world.cloud.delete(world.operation(INGRESS, spec), remote_id)


def test_rules_that_differ_only_in_their_ports_are_different_rules(world: AwsWorld) -> None:
    spec = ingress_rule(world)
    first = world.create(INGRESS, spec)
    other = {**spec, "FromPort": 443, "ToPort": 443}
    assert world.cloud.find(world.operation(INGRESS, other, token="other")) is None
    assert world.create(INGRESS, other, token="other") != first


# --- routes --------------------------------------------------------------------------------------


def test_a_route_to_each_kind_of_destination_can_be_made_changed_and_deleted(
    world: AwsWorld,
) -> None:
    ec2, vpc_id = world.aws.client("ec2"), make_vpc(world)
    table = world.create(TABLE, {"VpcId": vpc_id})
    gateways = [
        ec2.create_transit_gateway()["TransitGateway"]["TransitGatewayId"] for _ in range(2)
    ]
    prefixes = ec2.create_managed_prefix_list(
        PrefixListName="p", MaxEntries=1, AddressFamily="IPv4"
    )
    destinations = {
        "DestinationCidrBlock": "192.0.2.9/24",
        "DestinationIpv6CidrBlock": "2001:DB8::1/32",
        "DestinationPrefixListId": prefixes["PrefixList"]["PrefixListId"],
    }
    for name, destination in destinations.items():
        spec = {"RouteTableId": table, name: destination, "TransitGatewayId": gateways[0]}
        remote_id = world.create(ROUTE, spec)
        assert world.differences(ROUTE, remote_id, spec) == ()
        other = {**spec, "TransitGatewayId": gateways[1]}
        world.update(ROUTE, remote_id, spec, other)
        assert world.differences(ROUTE, remote_id, other) == ()
        world.cloud.delete(world.operation(ROUTE, other), remote_id)
        assert world.is_absent(ROUTE, remote_id)


def test_a_route_needs_one_destination_and_one_target(world: AwsWorld) -> None:
    validator = validator_of(world.schema(ROUTE).json_schema)
    full = {"RouteTableId": "rtb-1", "DestinationCidrBlock": "10.0.0.0/8", "GatewayId": "igw-1"}
    assert validator.errors(full) == []
    for name in ("DestinationCidrBlock", "GatewayId"):
        less = {key: value for key, value in full.items() if key != name}
        assert validator.errors(less) != []


# --- private gateways ----------------------------------------------------------------------------


def make_private_gateway(world: AwsWorld) -> str:
    made = world.aws.client("ec2").create_vpn_gateway(Type="ipsec.1")
    return str(made["VpnGateway"]["VpnGatewayId"])


def test_a_network_has_a_private_gateway_beside_its_internet_gateway(world: AwsWorld) -> None:
    """Another one takes its place only after it is off, and each has an identifier of its own."""
    vpc = make_vpc(world)
    internet = world.create(GATEWAY, {}, token="internet")
    first, second = make_private_gateway(world), make_private_gateway(world)
    one = world.create(ATTACHMENT, {"VpcId": vpc, "InternetGatewayId": internet}, token="one")
    life = Life(world, ATTACHMENT)
    spec = {"VpcId": vpc, "VpnGatewayId": first}
    assert life.apply(spec).action is Action.CREATE
    assert life.remote_id == f"VGW|{vpc}"
    assert world.properties(ATTACHMENT, life.remote_id)["AttachmentType"] == "VGW"
    assert life.apply({**spec, "VpnGatewayId": second}).action is Action.REPLACE
    with pytest.raises((CloudError, ConflictError)):
        world.create(ATTACHMENT, {**spec, "VpnGatewayId": second}, token="second")
    world.cloud.delete(world.operation(ATTACHMENT, spec), life.remote_id)
    assert world.is_absent(ATTACHMENT, life.remote_id)
    assert world.create(ATTACHMENT, {**spec, "VpnGatewayId": second}, token="third")
    assert not world.is_absent(ATTACHMENT, one)


def test_an_attachment_has_exactly_one_gateway(world: AwsWorld) -> None:
    vpc, private = make_vpc(world), make_private_gateway(world)
    for wrong in ({}, {"InternetGatewayId": "igw-0123456789abcdef0", "VpnGatewayId": private}):
        with pytest.raises(RefusedError):
            Life(world, ATTACHMENT).apply({"VpcId": vpc, **wrong})
