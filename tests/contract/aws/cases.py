"""Give, for each native type, a full spec and a new value of every changeable property."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.contract.aws.world import AwsWorld

PUBLIC_KEY = (
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO38ZLJUuITc84Fwx0iL/hvYWwscRG6aOB5C77pSo45R ann@example"
)
AMI = "ami-12c6146b"
OTHER_AMI = "ami-03cf127a"
TAGS = [{"Key": "owner", "Value": "ml"}, {"Key": "cost", "Value": "research"}]
OTHER_TAGS = [{"Key": "owner", "Value": "platform"}, {"Key": "stage", "Value": "dev"}]

Spec = Callable[[AwsWorld], dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One type.

    ``creating`` is the call that makes an object, ``absent`` the identifier of one that never was;
    ``tagged``: objects carry ownership tags. ``minimal`` has only what is required, ``full``
    declares all that is handled; ``changes`` gives another value for each top-level property that
    is changed in place.

    Where exactly one of several properties may be given, ``full`` has one of them, ``alternatives``
    are the others, each with a value that takes its place. ``others`` gives, for an object without
    tags that only its natural key names, properties that make it another object. ``elsewhere`` are
    properties that ``full`` cannot have beside its own; tests of their own change them.
    """

    type: str
    creating: str
    absent: str
    minimal: Spec
    full: Spec
    changes: Callable[[AwsWorld], Mapping[str, Any]]
    attributes: frozenset[str] = field(default_factory=frozenset)
    alternatives: Spec | None = None
    others: Spec = field(default=lambda world: {})
    elsewhere: frozenset[str] = frozenset()
    tagged: bool = True


def trust(service: str) -> dict[str, Any]:
    """A trust policy, written the short way."""
    return {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sts:AssumeRole",
        },
    }


def read_policy(resource: str) -> dict[str, Any]:
    """A policy that allows reading."""
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": resource}],
    }


def encoded(text: str) -> str:
    """User data as a spec has it."""
    return base64.b64encode(text.encode()).decode()


# --- S3 ------------------------------------------------------------------------------------------


def log_bucket(world: AwsWorld, name: str) -> str:
    """A bucket that access logs can be written to."""

    def make() -> str:
        s3, named = world.aws.client("s3"), f"access-logs-{name}"
        s3.create_bucket(Bucket=named)
        owner = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
        s3.put_bucket_ownership_controls(Bucket=named, OwnershipControls=owner)
        s3.put_bucket_acl(Bucket=named, ACL="log-delivery-write")
        return named

    return str(world.thing(f"logs-{name}", make))


def _replication(replica: str) -> dict[str, Any]:
    return {
        "Role": "arn:aws:iam::123456789012:role/replicator",
        "Rules": [{"Status": "Enabled", "Destination": {"Bucket": f"arn:aws:s3:::{replica}"}}],
    }


def bucket(world: AwsWorld) -> dict[str, Any]:
    return {
        "BucketName": "gitbot-contract",
        "VersioningConfiguration": {"Status": "Enabled"},
        "LifecycleConfiguration": {
            "Rules": [
                {
                    "Id": "old-versions",
                    "Status": "Enabled",
                    "Prefix": "models/",
                    "NoncurrentVersionTransitions": [
                        {"StorageClass": "STANDARD_IA", "TransitionInDays": 30}
                    ],
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 365},
                },
                {
                    "Status": "Enabled",
                    "Transition": {"StorageClass": "Glacier", "TransitionInDays": 90},
                    "ExpirationInDays": 400,
                    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
                },
            ]
        },
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [
                {
                    "ServerSideEncryptionByDefault": {
                        "SSEAlgorithm": "aws:kms",
                        "KMSMasterKeyID": "alias/aws/s3",
                    },
                    "BucketKeyEnabled": True,
                }
            ]
        },
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "CorsConfiguration": {
            "CorsRules": [
                {
                    "Id": "labs",
                    "AllowedMethods": ["GET"],
                    "AllowedOrigins": ["https://lab.example"],
                    "ExposedHeaders": ["ETag"],
                    "MaxAge": 300,
                }
            ]
        },
        "AccessControl": "Private",
        "ObjectLockEnabled": False,
        "AccelerateConfiguration": {"AccelerationStatus": "Enabled"},
        "WebsiteConfiguration": {
            "IndexDocument": "index.html",
            "ErrorDocument": "error.html",
            "RoutingRules": [
                {
                    "RoutingRuleCondition": {"KeyPrefixEquals": "old/"},
                    "RedirectRule": {"ReplaceKeyPrefixWith": "new/"},
                }
            ],
        },
        "LoggingConfiguration": {
            "DestinationBucketName": log_bucket(world, "a"),
            "LogFilePrefix": "logs/",
            "TargetObjectKeyFormat": {"SimplePrefix": {}},
        },
        "IntelligentTieringConfigurations": [
            {
                "Id": "old",
                "Status": "Enabled",
                "Prefix": "models/",
                "TagFilters": [{"Key": "a", "Value": "b"}],
                "Tierings": [{"AccessTier": "ARCHIVE_ACCESS", "Days": 90}],
            },
            {
                "Id": "older",
                "Status": "Enabled",
                "Tierings": [{"AccessTier": "DEEP_ARCHIVE_ACCESS", "Days": 180}],
            },
        ],
        "NotificationConfiguration": {
            "EventBridgeConfiguration": {"EventBridgeEnabled": True},
            "QueueConfigurations": [
                {
                    "Event": "s3:ObjectCreated:*",
                    "Queue": "arn:aws:sqs:us-east-1:123456789012:new",
                    "Filter": {"S3Key": {"Rules": [{"Name": "suffix", "Value": ".csv"}]}},
                }
            ],
        },
        "ReplicationConfiguration": _replication("replica-a"),
        "Tags": TAGS,
    }


def bucket_changes(world: AwsWorld) -> dict[str, Any]:
    return {
        # Replication needs it; the generated tests suspend it.
        "VersioningConfiguration": {"Status": "Enabled"},
        "LifecycleConfiguration": {
            "Rules": [
                {
                    "Id": "scratch",
                    "Status": "Disabled",
                    "TagFilters": [{"Key": "scratch", "Value": "yes"}],
                    "ExpirationDate": "2031-01-01T00:00:00.000Z",
                }
            ]
        },
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [
                {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
            ]
        },
        "PublicAccessBlockConfiguration": {"BlockPublicPolicy": False},
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]},
        "CorsConfiguration": {
            "CorsRules": [
                {"AllowedMethods": ["PUT", "POST"], "AllowedOrigins": ["*"], "MaxAge": 60}
            ]
        },
        "AccessControl": "BucketOwnerFullControl",
        "ObjectLockEnabled": False,
        "AccelerateConfiguration": {"AccelerationStatus": "Suspended"},
        "WebsiteConfiguration": {"RedirectAllRequestsTo": {"HostName": "a.example"}},
        "LoggingConfiguration": {"DestinationBucketName": log_bucket(world, "b")},
        "IntelligentTieringConfigurations": [
            {
                "Id": "old",
                "Status": "Disabled",
                "Tierings": [{"AccessTier": "ARCHIVE_ACCESS", "Days": 100}],
            }
        ],
        "NotificationConfiguration": {
            "EventBridgeConfiguration": {"EventBridgeEnabled": False},
            "QueueConfigurations": [],
            "TopicConfigurations": [
                {
                    "Event": "s3:ObjectRemoved:*",
                    "Topic": "arn:aws:sns:us-east-1:123456789012:gone",
                }
            ],
        },
        "ReplicationConfiguration": _replication("replica-b"),
        "Tags": OTHER_TAGS,
    }


def _policy(world: AwsWorld, principal: Any) -> dict[str, Any]:
    world.aws.client("s3").create_bucket(Bucket="gitbot-policy")
    return {
        "Bucket": "gitbot-policy",
        "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": principal,
                    "Action": ["s3:GetObject"],
                    "Resource": "arn:aws:s3:::gitbot-policy/*",
                    "Condition": {"Bool": {"aws:SecureTransport": True}},
                }
            ],
        },
    }


def bucket_policy(world: AwsWorld) -> dict[str, Any]:
    return _policy(world, {"AWS": "123456789012"})


# --- EC2 -----------------------------------------------------------------------------------------


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
            }
        ],
        "Tags": TAGS,
    }


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
            }
        ],
        "Tags": OTHER_TAGS,
    }


def key_pair(world: AwsWorld) -> dict[str, Any]:
    return {"KeyName": "contract", "PublicKeyMaterial": PUBLIC_KEY, "Tags": TAGS}


# --- networks ------------------------------------------------------------------------------------


def _vpc(world: AwsWorld, block: str = "10.1.0.0/16") -> str:
    return str(world.aws.client("ec2").create_vpc(CidrBlock=block)["Vpc"]["VpcId"])


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
        "VpcId": _vpc(world),
        "CidrBlock": "10.1.2.0/24",
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


# --- IAM -----------------------------------------------------------------------------------------


def _managed(world: AwsWorld, name: str) -> str:
    policy = world.aws.client("iam").create_policy(
        PolicyName=name, PolicyDocument=json.dumps(read_policy("*"))
    )
    return str(policy["Policy"]["Arn"])


def role(world: AwsWorld) -> dict[str, Any]:
    return {
        "RoleName": "contract",
        "Path": "/ml/",
        "AssumeRolePolicyDocument": trust("ec2.amazonaws.com"),
        "Description": "trains models",
        "MaxSessionDuration": 7200,
        "PermissionsBoundary": _managed(world, "boundary"),
        "ManagedPolicyArns": [_managed(world, "first"), _managed(world, "second")],
        "Policies": [
            {"PolicyName": "read", "PolicyDocument": read_policy("arn:aws:s3:::a/*")},
            {"PolicyName": "more", "PolicyDocument": json.dumps(read_policy("arn:aws:s3:::b/*"))},
        ],
        "Tags": TAGS,
    }


def role_changes(world: AwsWorld) -> dict[str, Any]:
    return {
        "AssumeRolePolicyDocument": trust("sagemaker.amazonaws.com"),
        "Description": "serves models",
        "MaxSessionDuration": 3600,
        "PermissionsBoundary": _managed(world, "other-boundary"),
        "ManagedPolicyArns": [_managed(world, "third")],
        "Policies": [{"PolicyName": "read", "PolicyDocument": read_policy("arn:aws:s3:::c/*")}],
        "Tags": OTHER_TAGS,
    }


def _role_name(world: AwsWorld, name: str) -> str:
    world.aws.client("iam").create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps(trust("ec2.amazonaws.com"))
    )
    return name


CASES: tuple[Case, ...] = (
    Case(
        type="AWS::S3::Bucket",
        creating="CreateBucket",
        absent="gone-1f2e3d",
        minimal=lambda world: {},
        full=bucket,
        changes=bucket_changes,
        attributes=frozenset({"Arn", "DomainName", "RegionalDomainName", "WebsiteURL"}),
    ),
    Case(
        type="AWS::S3::BucketPolicy",
        creating="PutBucketPolicy",
        absent="gone-1f2e3d",
        tagged=False,
        minimal=bucket_policy,
        full=bucket_policy,
        changes=lambda world: {"PolicyDocument": json.dumps(_statement_for_everyone())},
    ),
    Case(
        type="AWS::EC2::SecurityGroup",
        creating="CreateSecurityGroup",
        absent="sg-0123456789abcdef0",
        minimal=lambda world: {"GroupDescription": "nothing"},
        full=security_group,
        changes=security_group_changes,
        attributes=frozenset({"GroupId", "Id", "VpcId"}),
    ),
    Case(
        type="AWS::EC2::Instance",
        creating="RunInstances",
        absent="i-0123456789abcdef0",
        minimal=lambda world: {"ImageId": AMI, "InstanceType": "t3.micro"},
        full=instance,
        changes=instance_changes,
        elsewhere=frozenset({"SecurityGroups"}),
        attributes=frozenset({"InstanceId", "PrivateIp", "PublicIp", "PublicDnsName", "VpcId"}),
    ),
    Case(
        type="AWS::EC2::KeyPair",
        creating="ImportKeyPair",
        absent="gone",
        minimal=lambda world: {"KeyName": "k", "PublicKeyMaterial": PUBLIC_KEY},
        full=key_pair,
        changes=lambda world: {"Tags": OTHER_TAGS},
        attributes=frozenset({"KeyPairId", "KeyFingerprint"}),
    ),
    Case(
        type="AWS::EC2::VPC",
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
        creating="CreateSubnet",
        absent="subnet-0123456789abcdef0",
        minimal=lambda world: {"VpcId": _vpc(world), "CidrBlock": "10.1.1.0/24"},
        full=subnet,
        changes=lambda world: {"MapPublicIpOnLaunch": False, "Tags": OTHER_TAGS},
        attributes=frozenset({"SubnetId", "AvailabilityZone", "NetworkAclAssociationId"}),
    ),
    Case(
        type="AWS::EC2::InternetGateway",
        creating="CreateInternetGateway",
        absent="igw-0123456789abcdef0",
        minimal=lambda world: {},
        full=lambda world: {"Tags": TAGS},
        changes=lambda world: {"Tags": OTHER_TAGS},
        attributes=frozenset({"InternetGatewayId"}),
    ),
    Case(
        type="AWS::EC2::VPCGatewayAttachment",
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
        creating="CreateRouteTable",
        absent="rtb-0123456789abcdef0",
        minimal=lambda world: {"VpcId": _vpc(world)},
        full=lambda world: {"VpcId": _vpc(world), "Tags": TAGS},
        changes=lambda world: {"Tags": OTHER_TAGS},
        attributes=frozenset({"RouteTableId"}),
    ),
    Case(
        type="AWS::EC2::Route",
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
    Case(
        type="AWS::IAM::Role",
        creating="CreateRole",
        absent="gone",
        minimal=lambda world: {"AssumeRolePolicyDocument": trust("ec2.amazonaws.com")},
        full=role,
        changes=role_changes,
        attributes=frozenset({"Arn", "RoleId"}),
    ),
    Case(
        type="AWS::IAM::InstanceProfile",
        creating="CreateInstanceProfile",
        absent="gone",
        minimal=lambda world: {"Roles": [_role_name(world, "one")]},
        full=lambda world: {
            "InstanceProfileName": "contract",
            "Path": "/ml/",
            "Roles": [_role_name(world, "one")],
        },
        changes=lambda world: {"Roles": [_role_name(world, "two")]},
        attributes=frozenset({"Arn"}),
    ),
)


def _statement_for_everyone() -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:DeleteObject",
            "Resource": "arn:aws:s3:::gitbot-policy/*",
        },
    }
