"""Cases of what stands in networks: addresses, gateways, endpoints, interfaces, logs."""

from __future__ import annotations

from typing import Any

from tests.contract.aws.cases.case import AMI, OTHER_TAGS, TAGS, Case
from tests.contract.aws.cases.stacks import NETWORK
from tests.contract.aws.world import AwsWorld

BEHIND_NAT = (
    NETWORK
    + """\
address: {type: AWS::EC2::EIP}
nat:
  type: AWS::EC2::NatGateway
  properties: {SubnetId: "${net.SubnetId}", AllocationId: "${address.AllocationId}"}
  lifecycle: {dependsOn: [attachment]}
inside:
  type: AWS::EC2::Subnet
  properties: {VpcId: "${vpc.VpcId}", CidrBlock: 10.20.2.0/24}
inside_table:
  type: AWS::EC2::RouteTable
  properties: {VpcId: "${vpc.VpcId}"}
inside_out:
  type: AWS::EC2::Route
  properties:
    RouteTableId: ${inside_table.RouteTableId}
    DestinationCidrBlock: 0.0.0.0/0
    NatGatewayId: ${nat.NatGatewayId}
inside_association:
  type: AWS::EC2::SubnetRouteTableAssociation
  properties: {RouteTableId: "${inside_table.RouteTableId}", SubnetId: "${inside.SubnetId}"}
"""
)


def vpc(world: AwsWorld, block: str = "10.1.0.0/16") -> str:
    """A network."""
    return str(world.aws.client("ec2").create_vpc(CidrBlock=block)["Vpc"]["VpcId"])


def subnet(world: AwsWorld, vpc_id: str, block: str = "10.1.1.0/24") -> str:
    """A subnet of the network."""
    made = world.aws.client("ec2").create_subnet(VpcId=vpc_id, CidrBlock=block)
    return str(made["Subnet"]["SubnetId"])


def public_subnet(world: AwsWorld) -> str:
    """A subnet of a network that an internet gateway is attached to."""
    ec2, vpc_id = world.aws.client("ec2"), vpc(world)
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(VpcId=vpc_id, InternetGatewayId=gateway)
    return subnet(world, vpc_id)


def address(world: AwsWorld) -> str:
    """The allocation of an elastic address."""
    return str(world.aws.client("ec2").allocate_address(Domain="vpc")["AllocationId"])


def machine(world: AwsWorld) -> str:
    """An instance in the default network."""
    ran = world.aws.client("ec2").run_instances(
        ImageId=AMI, InstanceType="t3.micro", MinCount=1, MaxCount=1
    )
    return str(ran["Instances"][0]["InstanceId"])


def elastic_address(world: AwsWorld) -> dict[str, Any]:
    """A spec of an address that an instance has."""
    return {
        "Domain": "vpc",
        "NetworkBorderGroup": "us-east-1",
        "PublicIpv4Pool": "amazon",
        "Address": "203.0.113.44",
        "InstanceId": machine(world),
        "Tags": TAGS,
    }


def nat_gateway(world: AwsWorld) -> dict[str, Any]:
    """A spec of a public NAT gateway."""
    return {
        "SubnetId": public_subnet(world),
        "AllocationId": address(world),
        "ConnectivityType": "public",
        "PrivateIpAddress": "10.1.1.77",
        "Tags": TAGS,
    }


CASES = (
    Case(
        type="AWS::EC2::EIP",
        stack="address: {type: AWS::EC2::EIP}\n",
        creating="AllocateAddress",
        absent="203.0.113.9|eipalloc-0123456789abcdef0",
        minimal=lambda world: {},
        full=elastic_address,
        changes=lambda world: {"InstanceId": machine(world), "Tags": OTHER_TAGS},
        attributes=frozenset({"PublicIp", "AllocationId"}),
    ),
    Case(
        type="AWS::EC2::NatGateway",
        stack=BEHIND_NAT,
        creating="CreateNatGateway",
        absent="nat-0123456789abcdef0",
        minimal=lambda world: {
            "SubnetId": subnet(world, vpc(world)),
            "ConnectivityType": "private",
        },
        full=nat_gateway,
        changes=lambda world: {"Tags": OTHER_TAGS},
        attributes=frozenset({"NatGatewayId", "EniId", "VpcId", "PrivateIpAddress"}),
    ),
)
