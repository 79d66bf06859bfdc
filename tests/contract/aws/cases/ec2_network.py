"""Cases of what stands in networks: addresses, gateways, endpoints, interfaces, logs."""

from __future__ import annotations

import json
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

ENDPOINTS = (
    NETWORK
    + """\
storage:
  type: AWS::EC2::VPCEndpoint
  properties:
    VpcId: ${vpc.VpcId}
    ServiceName: com.amazonaws.${env.region}.s3
    RouteTableIds: ["${table.RouteTableId}"]
models:
  type: AWS::EC2::VPCEndpoint
  properties:
    VpcId: ${vpc.VpcId}
    ServiceName: com.amazonaws.${env.region}.sagemaker.runtime
    VpcEndpointType: Interface
    SubnetIds: ["${net.SubnetId}"]
    SecurityGroupIds: ["${group.GroupId}"]
    PrivateDnsEnabled: true
"""
)

VPC = """\
vpc: {type: AWS::EC2::VPC, properties: {CidrBlock: 10.20.0.0/16}}
"""
PARTS = (
    VPC
    + """\
options:
  type: AWS::EC2::DHCPOptions
  properties: {DomainName: ml.example, DomainNameServers: [AmazonProvidedDNS]}
acl:
  type: AWS::EC2::NetworkAcl
  properties: {VpcId: "${vpc.VpcId}"}
"""
)
MORE_BLOCKS = (
    VPC
    + """\
more:
  type: AWS::EC2::VPCCidrBlock
  properties: {VpcId: "${vpc.VpcId}", CidrBlock: 10.21.0.0/16}
modern:
  type: AWS::EC2::VPCCidrBlock
  properties: {VpcId: "${vpc.VpcId}", AmazonProvidedIpv6CidrBlock: true}
net:
  type: AWS::EC2::Subnet
  properties:
    VpcId: ${vpc.VpcId}
    CidrBlock: 10.21.1.0/24
    Ipv6CidrBlock: ${subnets(vpc.Ipv6CidrBlocks[0], 4, 64)[1]}
    AssignIpv6AddressOnCreation: true
  lifecycle: {dependsOn: [more, modern]}
"""
)
EGRESS_ONLY = (
    VPC
    + """\
gateway:
  type: AWS::EC2::EgressOnlyInternetGateway
  properties: {VpcId: "${vpc.VpcId}"}
"""
)
INTERFACE = (
    VPC
    + """\
net:
  type: AWS::EC2::Subnet
  properties: {VpcId: "${vpc.VpcId}", CidrBlock: 10.20.1.0/24}
group:
  type: AWS::EC2::SecurityGroup
  properties: {GroupDescription: nodes, VpcId: "${vpc.VpcId}"}
interface:
  type: AWS::EC2::NetworkInterface
  properties: {SubnetId: "${net.SubnetId}", GroupSet: ["${group.GroupId}"], SourceDestCheck: false}
"""
)
LOG = (
    VPC
    + """\
bucket:
  type: AWS::S3::Bucket
  properties: {BucketName: every-type-flows}
log:
  type: AWS::EC2::FlowLog
  properties:
    ResourceId: ${vpc.VpcId}
    ResourceType: VPC
    TrafficType: ALL
    LogDestinationType: s3
    LogDestination: ${bucket.Arn}
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


def table(world: AwsWorld, vpc_id: str) -> str:
    """A route table of the network."""
    made = world.aws.client("ec2").create_route_table(VpcId=vpc_id)
    return str(made["RouteTable"]["RouteTableId"])


def group(world: AwsWorld, vpc_id: str, name: str) -> str:
    """A security group of the network."""
    made = world.aws.client("ec2").create_security_group(
        GroupName=name, Description=name, VpcId=vpc_id
    )
    return str(made["GroupId"])


def named_vpc(world: AwsWorld) -> str:
    """The network of the endpoint of a test, whose machines have names."""

    def make() -> str:
        vpc_id = vpc(world)
        world.aws.client("ec2").modify_vpc_attribute(
            VpcId=vpc_id, EnableDnsHostnames={"Value": True}
        )
        return vpc_id

    return str(world.thing("named-vpc", make))


def allowing(action: str) -> dict[str, Any]:
    """A policy of an endpoint."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def interface_endpoint(world: AwsWorld) -> dict[str, Any]:
    """A spec of an endpoint with interfaces."""
    vpc_id = named_vpc(world)
    return {
        "VpcId": vpc_id,
        "ServiceName": "com.amazonaws.us-east-1.sagemaker.api",
        "VpcEndpointType": "Interface",
        "PolicyDocument": allowing("sagemaker:*"),
        "SubnetIds": [subnet(world, vpc_id)],
        "SecurityGroupIds": [group(world, vpc_id, "first")],
        "PrivateDnsEnabled": True,
        "IpAddressType": "ipv4",
        "Tags": TAGS,
    }


def interface_endpoint_changes(world: AwsWorld) -> dict[str, Any]:
    """Other values of all that changes in place."""
    vpc_id = named_vpc(world)
    return {
        "PolicyDocument": json.dumps(allowing("sagemaker:DescribeModel")),
        "SubnetIds": [subnet(world, vpc_id, "10.1.2.0/24")],
        "SecurityGroupIds": [group(world, vpc_id, "second")],
        "PrivateDnsEnabled": False,
        "IpAddressType": "dualstack",
        "Tags": OTHER_TAGS,
    }


def interface(world: AwsWorld) -> dict[str, Any]:
    """A spec of a network interface."""
    vpc_id = vpc(world)
    return {
        "SubnetId": subnet(world, vpc_id),
        "PrivateIpAddress": "10.1.1.44",
        "InterfaceType": "efa",
        "Description": "between nodes",
        "GroupSet": [group(world, vpc_id, "nodes")],
        "SourceDestCheck": True,
        "SecondaryPrivateIpAddressCount": 2,
        "Tags": TAGS,
    }


def log_bucket(world: AwsWorld) -> str:
    """A bucket for flow logs."""
    world.aws.client("s3").create_bucket(Bucket="gitbot-flow-logs")
    return "arn:aws:s3:::gitbot-flow-logs"


def flow_log(world: AwsWorld) -> dict[str, Any]:
    """A spec of a flow log in a bucket."""
    return {
        "ResourceId": vpc(world),
        "ResourceType": "VPC",
        "TrafficType": "REJECT",
        "LogDestinationType": "s3",
        "LogDestination": log_bucket(world),
        "LogFormat": "${version} ${srcaddr}",
        "MaxAggregationInterval": 60,
        "DestinationOptions": {
            "FileFormat": "parquet",
            "HiveCompatiblePartitions": True,
            "PerHourPartition": False,
        },
        "Tags": TAGS,
    }


def beside_public(world: AwsWorld, name: str) -> dict[str, Any]:
    """What a public NAT gateway needs beside its type, and its address."""
    if name not in ("AllocationId", "ConnectivityType"):
        return {}
    public = {"SubnetId": public_subnet(world), "ConnectivityType": "public"}
    return public | ({"AllocationId": address(world)} if name == "ConnectivityType" else {})


def named_subnet(world: AwsWorld, number: int) -> str:
    """A subnet of ``named_vpc``, the same for the same number."""
    block = f"10.1.{number}.0/24"
    return str(world.thing(block, lambda: subnet(world, named_vpc(world), block)))


def beside_interface(world: AwsWorld, name: str) -> dict[str, Any]:
    """What an endpoint needs beside what only one with interfaces has."""
    if name not in ("PrivateDnsEnabled", "SecurityGroupIds", "SubnetIds"):
        return {}
    return {
        "VpcId": named_vpc(world),
        "VpcEndpointType": "Interface",
        "SubnetIds": [named_subnet(world, 10)],
    }


CASES = (
    Case(
        type="AWS::EC2::DHCPOptions",
        stack=PARTS,
        creating="CreateDhcpOptions",
        absent="dopt-0123456789abcdef0",
        minimal=lambda world: {"DomainName": "ml.example"},
        full=lambda world: {
            "DomainName": "ml.example",
            "DomainNameServers": ["10.1.0.2", "AmazonProvidedDNS"],
            "NtpServers": ["169.254.169.123"],
            "NetbiosNameServers": ["10.1.0.3"],
            "NetbiosNodeType": 2,
            "Tags": TAGS,
        },
        changes=lambda world: {"Tags": OTHER_TAGS},
        attributes=frozenset({"DhcpOptionsId"}),
    ),
    Case(
        type="AWS::EC2::NetworkAcl",
        stack=PARTS,
        creating="CreateNetworkAcl",
        absent="acl-0123456789abcdef0",
        minimal=lambda world: {"VpcId": vpc(world)},
        full=lambda world: {"VpcId": vpc(world), "Tags": TAGS},
        changes=lambda world: {"Tags": OTHER_TAGS},
        attributes=frozenset({"Id"}),
    ),
    Case(
        type="AWS::EC2::VPCCidrBlock",
        stack=MORE_BLOCKS,
        creating="AssociateVpcCidrBlock",
        absent="vpc-cidr-assoc-0123456789abcdef0|vpc-0123456789abcdef0",
        tagged=False,
        minimal=lambda world: {"VpcId": vpc(world), "CidrBlock": "10.2.0.0/16"},
        full=lambda world: {
            "VpcId": vpc(world),
            "AmazonProvidedIpv6CidrBlock": True,
            "Ipv6CidrBlockNetworkBorderGroup": "us-east-1",
        },
        changes=lambda world: {},
        others=lambda world: {"Ipv6CidrBlockNetworkBorderGroup": "us-east-1-bos-1"},
        attributes=frozenset({"Id"}),
    ),
    Case(
        type="AWS::EC2::EIP",
        stack="address: {type: AWS::EC2::EIP}\n",
        creating="AllocateAddress",
        absent="203.0.113.9|eipalloc-0123456789abcdef0",
        minimal=lambda world: {},
        full=elastic_address,
        changes=lambda world: {"InstanceId": machine(world), "Tags": OTHER_TAGS},
        attributes=frozenset({"PublicIp", "AllocationId"}),
        samples={
            "Domain": ["vpc", "vpc"],
            "InstanceId": lambda world: [
                world.thing(f"machine-{one}", lambda: machine(world)) for one in "ab"
            ],
        },
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
        samples={"AllocationId": lambda world: [address(world)] * 2},
        beside={"": beside_public},
    ),
    Case(
        type="AWS::EC2::VPCEndpoint",
        stack=ENDPOINTS,
        creating="CreateVpcEndpoint",
        absent="vpce-0123456789abcdef0",
        minimal=lambda world: {
            "VpcId": vpc(world),
            "ServiceName": "com.amazonaws.us-east-1.s3",
        },
        full=interface_endpoint,
        changes=interface_endpoint_changes,
        elsewhere=frozenset({"RouteTableIds"}),
        attributes=frozenset({"Id", "CreationTimestamp", "VpcEndpointType"}),
        samples={
            "PolicyDocument": [allowing("s3:GetObject"), allowing("s3:*")],
            "SubnetIds": lambda world: [[named_subnet(world, one)] for one in (11, 12)],
        },
        beside={"": beside_interface},
    ),
    Case(
        type="AWS::EC2::NetworkInterface",
        stack=INTERFACE,
        creating="CreateNetworkInterface",
        absent="eni-0123456789abcdef0",
        minimal=lambda world: {"SubnetId": subnet(world, vpc(world))},
        full=interface,
        changes=lambda world: {
            "Description": "between other nodes",
            "GroupSet": [group(world, vpc(world), "others")],
            "SourceDestCheck": False,
            "SecondaryPrivateIpAddressCount": 1,
            "Tags": OTHER_TAGS,
        },
        attributes=frozenset({"Id", "VpcId", "PrimaryPrivateIpAddress"}),
    ),
    Case(
        type="AWS::EC2::FlowLog",
        stack=LOG,
        creating="CreateFlowLogs",
        absent="fl-0123456789abcdef0",
        minimal=lambda world: {
            "ResourceId": vpc(world),
            "ResourceType": "VPC",
            "TrafficType": "ALL",
            "LogGroupName": "flows",
            "DeliverLogsPermissionArn": "arn:aws:iam::123456789012:role/flows",
        },
        full=flow_log,
        changes=lambda world: {"Tags": OTHER_TAGS},
        attributes=frozenset({"Id", "LogFormat", "MaxAggregationInterval"}),
        # AWS makes no second log of one network with the same destination.
        beside={"": lambda world, name: {} if name == "Tags" else {"ResourceId": vpc(world)}},
    ),
    Case(
        type="AWS::EC2::EgressOnlyInternetGateway",
        stack=EGRESS_ONLY,
        creating="CreateEgressOnlyInternetGateway",
        absent="eigw-0123456789abcdef0",
        minimal=lambda world: {"VpcId": vpc(world)},
        full=lambda world: {"VpcId": vpc(world), "Tags": TAGS},
        changes=lambda world: {"Tags": OTHER_TAGS},
        attributes=frozenset({"Id"}),
    ),
)
