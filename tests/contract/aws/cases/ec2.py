"""Cases of the types of EC2: machines, groups and networks."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

from tests.contract.aws.cases.case import (
    AMI,
    OTHER_TAGS,
    PUBLIC_KEY,
    TAGS,
    Case,
    encoded,
)
from tests.contract.aws.cases.ec2_machines import disk
from tests.contract.aws.cases.stacks import STACKS
from tests.contract.aws.world import AwsWorld


def _other_group(world: AwsWorld) -> str:
    def make() -> str:
        answer = world.aws.client("ec2").create_security_group(
            GroupName="other-group", Description="other"
        )
        return str(answer["GroupId"])

    return str(world.thing("other-group", make))


def security_group(world: AwsWorld) -> dict[str, Any]:
    return {
        "GroupName": "contract",
        "GroupDescription": "SSH from one address",
        "VpcId": world.aws.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"],
        "SecurityGroupIngress": [
            {
                "IpProtocol": "TCP",
                "FromPort": 22,
                "ToPort": 22,
                "CidrIp": "203.0.113.5/32",
                "Description": "ann",
            },
            {"IpProtocol": "6", "FromPort": 22, "ToPort": 22, "CidrIp": "198.51.100.7/24"},
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIpv6": "2001:db8::/32"},
            {"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, "CidrIp": "10.0.0.0/8"},
        ],
        "SecurityGroupEgress": [
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0"},
        ],
        "Tags": TAGS,
    }


def security_group_changes(world: AwsWorld) -> dict[str, Any]:
    return {
        "SecurityGroupIngress": [
            {
                "IpProtocol": "tcp",
                "FromPort": 22,
                "ToPort": 22,
                "CidrIp": "203.0.113.5/32",
                "Description": "ann, at home",
            },
            {
                "IpProtocol": "-1",
                "FromPort": -1,
                "ToPort": -1,
                "SourceSecurityGroupId": _other_group(world),
            },
        ],
        "SecurityGroupEgress": [],
        "Tags": OTHER_TAGS,
    }


def _profile(world: AwsWorld, name: str) -> str:
    iam = world.aws.client("iam")
    iam.create_instance_profile(InstanceProfileName=name)
    return name


def instance(world: AwsWorld) -> dict[str, Any]:
    subnet = world.aws.client("ec2").describe_subnets()["Subnets"][0]
    return {
        "ImageId": AMI,
        "InstanceType": "t3.micro",
        "SubnetId": subnet["SubnetId"],
        "AvailabilityZone": subnet["AvailabilityZone"],
        "Tenancy": "default",
        "SecurityGroupIds": [_other_group(world)],
        "IamInstanceProfile": _profile(world, "trainer"),
        "UserData": encoded("#!/bin/sh\necho hello\n"),
        "Monitoring": True,
        "EbsOptimized": False,
        "SourceDestCheck": True,
        "DisableApiTermination": False,
        "InstanceInitiatedShutdownBehavior": "stop",
        "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 2},
        "CreditSpecification": {"CPUCredits": "standard"},
        "CpuOptions": {"CoreCount": 1, "ThreadsPerCore": 1},
        "EnclaveOptions": {"Enabled": False},
        "HibernationOptions": {"Configured": False},
        "Volumes": [{"VolumeId": disk(world, "data"), "Device": "/dev/sdh"}],
        "PropagateTagsToVolumeOnCreation": True,
        "BlockDeviceMappings": [
            {
                "DeviceName": "/dev/sdf",
                "Ebs": {
                    "VolumeSize": 20,
                    "VolumeType": "gp3",
                    "Iops": 3000,
                    "Encrypted": True,
                    "DeleteOnTermination": True,
                },
            },
            {"DeviceName": "/dev/sdc", "NoDevice": {}},
        ],
        "Tags": TAGS,
    }


def _template(world: AwsWorld, part: str = "LaunchTemplateName") -> str:
    """The name of a launch template, or another part of it."""
    call = world.aws.client("ec2").create_launch_template
    named, data = {"LaunchTemplateName": "trainers"}, {"InstanceType": "t3.micro"}
    made = world.thing("template", lambda: call(**named, LaunchTemplateData=data))
    return str(made["LaunchTemplate"][part])


def instance_changes(world: AwsWorld) -> dict[str, Any]:
    group = world.aws.client("ec2").create_security_group(GroupName="third", Description="third")
    return {
        "InstanceType": "t3.large",
        "SecurityGroupIds": [group["GroupId"]],
        "IamInstanceProfile": _profile(world, "other-trainer"),
        "UserData": encoded("#!/bin/sh\necho good-bye\n"),
        "Monitoring": False,
        "EbsOptimized": True,
        "SourceDestCheck": False,
        "DisableApiTermination": True,
        "InstanceInitiatedShutdownBehavior": "terminate",
        "MetadataOptions": {"HttpTokens": "optional", "HttpPutResponseHopLimit": 3},
        "CreditSpecification": {"CPUCredits": "unlimited"},
        "Volumes": [{"VolumeId": disk(world, "more"), "Device": "/dev/sdi"}],
        "BlockDeviceMappings": [
            {
                "DeviceName": "/dev/sdf",
                "Ebs": {
                    "VolumeSize": 40,
                    "VolumeType": "gp3",
                    "Iops": 6000,
                    "Encrypted": True,
                    "DeleteOnTermination": False,
                },
            },
            {"DeviceName": "/dev/sdc", "NoDevice": {}},
        ],
        "Tags": OTHER_TAGS,
    }


def key_pair(world: AwsWorld) -> dict[str, Any]:
    named = {"KeyName": "contract", "KeyType": "ed25519"}
    return {**named, "PublicKeyMaterial": PUBLIC_KEY, "Tags": TAGS}


# --- networks ------------------------------------------------------------------------------------


def _vpc(world: AwsWorld, block: str = "10.1.0.0/16") -> str:
    return str(world.aws.client("ec2").create_vpc(CidrBlock=block)["Vpc"]["VpcId"])


def _modern_vpc(world: AwsWorld) -> str:
    """A network with a block of IPv6 addresses."""
    vpc_id = _vpc(world)
    ec2 = world.aws.client("ec2")
    ec2.associate_vpc_cidr_block(VpcId=vpc_id, AmazonProvidedIpv6CidrBlock=True)
    return vpc_id


def _parts(world: AwsWorld) -> list[str]:
    """Blocks for subnets of the network that was made last."""
    *_, made = world.aws.client("ec2").describe_vpcs()["Vpcs"]
    [block] = made["Ipv6CidrBlockAssociationSet"]
    parts = ip_network(block["Ipv6CidrBlock"]).subnets(new_prefix=64)
    return [str(next(parts)), str(next(parts))]


def _gateway(world: AwsWorld) -> str:
    answer = world.aws.client("ec2").create_internet_gateway()
    return str(answer["InternetGateway"]["InternetGatewayId"])


def vpc(world: AwsWorld) -> dict[str, Any]:
    return {
        "CidrBlock": "10.1.0.0/16",
        "InstanceTenancy": "default",
        "EnableDnsSupport": True,
        "EnableDnsHostnames": True,
        "Tags": TAGS,
    }


def subnet(world: AwsWorld) -> dict[str, Any]:
    return {
        "VpcId": _modern_vpc(world),
        "CidrBlock": "10.1.2.0/24",
        "Ipv6CidrBlock": _parts(world)[0],
        "AssignIpv6AddressOnCreation": True,
        "AvailabilityZone": "us-east-1b",
        "MapPublicIpOnLaunch": True,
        "Tags": TAGS,
    }


def attachment(world: AwsWorld) -> dict[str, Any]:
    return {"VpcId": _vpc(world), "InternetGatewayId": _gateway(world)}


def _table(world: AwsWorld, vpc_id: str) -> str:
    answer = world.aws.client("ec2").create_route_table(VpcId=vpc_id)
    return str(answer["RouteTable"]["RouteTableId"])


def route(world: AwsWorld) -> dict[str, Any]:
    """A route in a network with a gateway, a NAT gateway, a peer and an interface."""
    ec2, vpc_id, gateway = world.aws.client("ec2"), _vpc(world), _gateway(world)
    ec2.attach_internet_gateway(VpcId=vpc_id, InternetGatewayId=gateway)
    return {
        "RouteTableId": _table(world, vpc_id),
        "DestinationCidrBlock": "198.51.100.7/24",  # EC2 keeps it as 198.51.100.0/24
        "GatewayId": gateway,
    }


def route_changes(world: AwsWorld) -> dict[str, Any]:
    """A virtual private gateway of the same name of property."""
    gateway = world.aws.client("ec2").create_vpn_gateway(Type="ipsec.1")["VpnGateway"]
    return {"GatewayId": gateway["VpnGatewayId"]}


def route_alternatives(world: AwsWorld) -> dict[str, Any]:
    """Every other target."""
    ec2, vpc_id = world.aws.client("ec2"), _vpc(world, "10.2.0.0/16")
    net = ec2.create_subnet(VpcId=vpc_id, CidrBlock="10.2.1.0/24")["Subnet"]["SubnetId"]
    peering = ec2.create_vpc_peering_connection(VpcId=vpc_id, PeerVpcId=_vpc(world, "10.3.0.0/16"))
    egress_only = ec2.create_egress_only_internet_gateway(VpcId=vpc_id)
    return {
        "NatGatewayId": ec2.create_nat_gateway(SubnetId=net, ConnectivityType="private")[
            "NatGateway"
        ]["NatGatewayId"],
        "TransitGatewayId": ec2.create_transit_gateway()["TransitGateway"]["TransitGatewayId"],
        "VpcPeeringConnectionId": peering["VpcPeeringConnection"]["VpcPeeringConnectionId"],
        "EgressOnlyInternetGatewayId": egress_only["EgressOnlyInternetGateway"][
            "EgressOnlyInternetGatewayId"
        ],
        "InstanceId": ec2.run_instances(ImageId=AMI, SubnetId=net, MinCount=1, MaxCount=1)[
            "Instances"
        ][0]["InstanceId"],
        "NetworkInterfaceId": ec2.create_network_interface(SubnetId=net)["NetworkInterface"][
            "NetworkInterfaceId"
        ],
    }


def association(world: AwsWorld) -> dict[str, Any]:
    ec2, vpc_id = world.aws.client("ec2"), _vpc(world)
    net = ec2.create_subnet(VpcId=vpc_id, CidrBlock="10.1.1.0/24")["Subnet"]["SubnetId"]
    return {"SubnetId": net, "RouteTableId": _table(world, vpc_id)}


def ingress_rule(world: AwsWorld) -> dict[str, Any]:
    return {
        "GroupId": _other_group(world),
        "IpProtocol": "TCP",
        "FromPort": 22,
        "ToPort": 22,
        "CidrIp": "203.0.113.5/32",
        "Description": "ann",
    }


def egress_rule(world: AwsWorld) -> dict[str, Any]:
    group = _other_group(world)
    return {
        "GroupId": group,
        "IpProtocol": "6",
        "FromPort": 443,
        "ToPort": 443,
        "DestinationSecurityGroupId": group,
        "Description": "ourselves",
    }


CASES = (
    Case(
        type="AWS::EC2::SecurityGroup",
        stack=STACKS["AWS::EC2::SecurityGroup"],
        creating="CreateSecurityGroup",
        absent="sg-0123456789abcdef0",
        minimal=lambda world: {"GroupDescription": "nothing"},
        full=security_group,
        changes=security_group_changes,
        attributes=frozenset({"GroupId", "Id", "VpcId"}),
    ),
    Case(
        type="AWS::EC2::Instance",
        stack=STACKS["AWS::EC2::Instance"],
        creating="RunInstances",
        absent="i-0123456789abcdef0",
        minimal=lambda world: {"ImageId": AMI, "InstanceType": "t3.micro"},
        full=instance,
        changes=instance_changes,
        elsewhere=frozenset({"SecurityGroups", "NetworkInterfaces"}),
        samples={
            "NetworkInterfaces/*/DeviceIndex": ["0", "1"],
            "BlockDeviceMappings/*/VirtualName": ["ephemeral0", "ephemeral1"],
            "Volumes/*/VolumeId": lambda world: [disk(world, name) for name in ("data", "more")],
            "Volumes/*/Device": ["/dev/sdh", "/dev/sdi"],
            "LaunchTemplate/LaunchTemplateId": lambda world: [
                _template(world, "LaunchTemplateId"),
                "lt-0123456789abcdef0",
            ],
            "LaunchTemplate/LaunchTemplateName": lambda world: [_template(world), "others"],
            "LaunchTemplate/Version": ["1", "2"],
        },
        beside={
            "LaunchTemplate": lambda world, name: (
                {"LaunchTemplateName": _template(world)} if name == "Version" else {"Version": "1"}
            ),
            "Volumes/*": lambda world, name: {"Device": "/dev/sdj"} if name == "VolumeId" else {},
        },
        attributes=frozenset({"InstanceId", "PrivateIp", "PublicIp", "PublicDnsName", "VpcId"}),
    ),
    Case(
        type="AWS::EC2::KeyPair",
        stack=STACKS["AWS::EC2::KeyPair"],
        creating="ImportKeyPair",
        absent="gone",
        minimal=lambda world: {"KeyName": "k", "PublicKeyMaterial": PUBLIC_KEY},
        full=key_pair,
        changes=lambda world: {"Tags": OTHER_TAGS},
        attributes=frozenset({"KeyPairId", "KeyFingerprint"}),
    ),
    Case(
        type="AWS::EC2::VPC",
        stack=STACKS["AWS::EC2::VPC"],
        creating="CreateVpc",
        absent="vpc-0123456789abcdef0",
        minimal=lambda world: {"CidrBlock": "10.1.0.0/16"},
        full=vpc,
        changes=lambda world: {
            "EnableDnsSupport": False,
            "EnableDnsHostnames": False,
            "Tags": OTHER_TAGS,
        },
        attributes=frozenset(
            {"VpcId", "DefaultSecurityGroup", "DefaultNetworkAcl", "CidrBlockAssociations"}
        ),
    ),
    Case(
        type="AWS::EC2::Subnet",
        stack=STACKS["AWS::EC2::Subnet"],
        creating="CreateSubnet",
        absent="subnet-0123456789abcdef0",
        minimal=lambda world: {"VpcId": _modern_vpc(world), "CidrBlock": "10.1.1.0/24"},
        full=subnet,
        changes=lambda world: {
            "Ipv6CidrBlock": _parts(world)[1],
            "AssignIpv6AddressOnCreation": False,
            "MapPublicIpOnLaunch": False,
            "Tags": OTHER_TAGS,
        },
        attributes=frozenset({"SubnetId", "AvailabilityZone", "NetworkAclAssociationId"}),
        samples={"Ipv6CidrBlock": _parts},
    ),
    Case(
        type="AWS::EC2::InternetGateway",
        stack=STACKS["AWS::EC2::InternetGateway"],
        creating="CreateInternetGateway",
        absent="igw-0123456789abcdef0",
        minimal=lambda world: {},
        full=lambda world: {"Tags": TAGS},
        changes=lambda world: {"Tags": OTHER_TAGS},
        attributes=frozenset({"InternetGatewayId"}),
    ),
    Case(
        type="AWS::EC2::VPCGatewayAttachment",
        stack=STACKS["AWS::EC2::VPCGatewayAttachment"],
        creating="AttachInternetGateway",
        absent="IGW|vpc-0123456789abcdef0",
        tagged=False,
        minimal=attachment,
        full=attachment,
        changes=lambda world: {},
        attributes=frozenset({"AttachmentType"}),
        others=lambda world: {"InternetGatewayId": _gateway(world)},
    ),
    Case(
        type="AWS::EC2::RouteTable",
        stack=STACKS["AWS::EC2::RouteTable"],
        creating="CreateRouteTable",
        absent="rtb-0123456789abcdef0",
        minimal=lambda world: {"VpcId": _vpc(world)},
        full=lambda world: {"VpcId": _vpc(world), "Tags": TAGS},
        changes=lambda world: {"Tags": OTHER_TAGS},
        attributes=frozenset({"RouteTableId"}),
    ),
    Case(
        type="AWS::EC2::Route",
        stack=STACKS["AWS::EC2::Route"],
        creating="CreateRoute",
        absent="rtb-0123456789abcdef0|10.0.0.0/8",
        tagged=False,
        minimal=route,
        full=route,
        changes=route_changes,
        attributes=frozenset({"CidrBlock"}),
        alternatives=route_alternatives,
    ),
    Case(
        type="AWS::EC2::SubnetRouteTableAssociation",
        stack=STACKS["AWS::EC2::SubnetRouteTableAssociation"],
        creating="AssociateRouteTable",
        absent="rtbassoc-0123456789abcdef0",
        tagged=False,
        minimal=association,
        full=association,
        changes=lambda world: {},
        attributes=frozenset({"Id"}),
        others=lambda world: {"RouteTableId": _table(world, _vpc(world))},
    ),
    Case(
        type="AWS::EC2::SecurityGroupIngress",
        stack=STACKS["AWS::EC2::SecurityGroupIngress"],
        creating="AuthorizeSecurityGroupIngress",
        absent="sgr-0123456789abcdef0",
        minimal=lambda world: {
            "GroupId": _other_group(world),
            "IpProtocol": "-1",
            "CidrIpv6": "2001:DB8::1/32",
        },
        full=ingress_rule,
        changes=lambda world: {"Description": "ann, at home"},
        attributes=frozenset({"Id"}),
    ),
    Case(
        type="AWS::EC2::SecurityGroupEgress",
        stack=STACKS["AWS::EC2::SecurityGroupEgress"],
        creating="AuthorizeSecurityGroupEgress",
        absent="sgr-0123456789abcdef0",
        minimal=lambda world: {
            "GroupId": _other_group(world),
            "IpProtocol": "icmp",
            "FromPort": -1,
            "ToPort": -1,
            "CidrIp": "10.0.0.0/8",
        },
        full=egress_rule,
        changes=lambda world: {"Description": "the group itself"},
        attributes=frozenset({"Id"}),
    ),
)
