"""What Terraform's AWS provider calls the types, arguments and attributes of CloudFormation. Pure.

The provider: https://registry.terraform.io/providers/hashicorp/aws/latest/docs. A new type costs a row here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    """A block inside: its property, and what is inside. ``many``: the property is a list of them."""

    name: str
    fields: Mapping[str, Field]
    many: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An argument that is one element of a property that is a list."""

    name: str


Field: TypeAlias = "str | Inner | Item | None"
"""The name of the property, what becomes of a block, or None for what means nothing to gitbot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A type. ``key`` says how the attributes in Terraform's state identify the object to gitbot.

    ``attributes`` are those that references use, by Terraform's name; arguments count as well.
    ``always`` are properties that Terraform sets by itself.
    """

    type: str
    key: str
    fields: Mapping[str, Field]
    attributes: Mapping[str, str] = field(default_factory=dict)
    always: Mapping[str, object] = field(default_factory=dict)


_TARGETS: Final[Mapping[str, Field]] = {
    "gateway_id": "GatewayId",
    "nat_gateway_id": "NatGatewayId",
    "egress_only_gateway_id": "EgressOnlyInternetGatewayId",
    "network_interface_id": "NetworkInterfaceId",
    "transit_gateway_id": "TransitGatewayId",
    "vpc_peering_connection_id": "VpcPeeringConnectionId",
}
ROUTE: Final[Mapping[str, Field]] = {
    "cidr_block": "DestinationCidrBlock",
    "ipv6_cidr_block": "DestinationIpv6CidrBlock",
    "destination_prefix_list_id": "DestinationPrefixListId",
    **_TARGETS,
}
"""What a block ``route`` of a table has."""
_ONE_RULE: Final[Mapping[str, Field]] = {
    "security_group_id": "GroupId",
    "ip_protocol": "IpProtocol",
    "from_port": "FromPort",
    "to_port": "ToPort",
    "cidr_ipv4": "CidrIp",
    "cidr_ipv6": "CidrIpv6",
    "description": "Description",
}
_POLICY: Final[Mapping[str, Field]] = {"name": "PolicyName", "policy": "PolicyDocument"}
DISK: Final[Mapping[str, Field]] = {
    "volume_size": "VolumeSize",
    "volume_type": "VolumeType",
    "encrypted": "Encrypted",
    "delete_on_termination": "DeleteOnTermination",
    "iops": "Iops",
    "kms_key_id": "KmsKeyId",
    "snapshot_id": "SnapshotId",
}

ROWS: Final[Mapping[str, Row]] = MappingProxyType(
    {
        "aws_s3_bucket": Row(
            type="AWS::S3::Bucket",
            key="{id}",
            fields={"bucket": "BucketName", "tags": "Tags", "force_destroy": None},
            attributes={
                "id": "BucketName",
                "arn": "Arn",
                "bucket_domain_name": "DomainName",
                "bucket_regional_domain_name": "RegionalDomainName",
            },
        ),
        "aws_s3_bucket_policy": Row(
            type="AWS::S3::BucketPolicy",
            key="{bucket}",
            fields={"bucket": "Bucket", "policy": "PolicyDocument"},
        ),
        "aws_security_group": Row(
            type="AWS::EC2::SecurityGroup",
            key="{id}",
            fields={
                "name": "GroupName",
                "description": "GroupDescription",
                "vpc_id": "VpcId",
                "tags": "Tags",
                "revoke_rules_on_delete": None,
            },
            attributes={"id": "GroupId"},
            always={"GroupDescription": "Managed by Terraform"},
        ),
        "aws_instance": Row(
            type="AWS::EC2::Instance",
            key="{id}",
            fields={
                "ami": "ImageId",
                "instance_type": "InstanceType",
                "key_name": "KeyName",
                "subnet_id": "SubnetId",
                "availability_zone": "AvailabilityZone",
                "vpc_security_group_ids": "SecurityGroupIds",
                "iam_instance_profile": "IamInstanceProfile",
                "monitoring": "Monitoring",
                "ebs_optimized": "EbsOptimized",
                "disable_api_termination": "DisableApiTermination",
                "instance_initiated_shutdown_behavior": "InstanceInitiatedShutdownBehavior",
                "placement_group": "PlacementGroupName",
                "private_ip": "PrivateIpAddress",
                "source_dest_check": "SourceDestCheck",
                "tenancy": "Tenancy",
                "user_data": "UserData",
                "user_data_base64": "UserData",
                "tags": "Tags",
                "metadata_options": Inner(
                    name="MetadataOptions",
                    fields={
                        "http_tokens": "HttpTokens",
                        "http_endpoint": "HttpEndpoint",
                        "http_put_response_hop_limit": "HttpPutResponseHopLimit",
                        "instance_metadata_tags": "InstanceMetadataTags",
                        "http_protocol_ipv6": "HttpProtocolIpv6",
                    },
                ),
                "ebs_block_device": Inner(
                    name="BlockDeviceMappings",
                    many=True,
                    fields={"device_name": "DeviceName", "*": Inner(name="Ebs", fields=DISK)},
                ),
            },
            attributes={
                "id": "InstanceId",
                "public_ip": "PublicIp",
                "private_ip": "PrivateIp",
                "public_dns": "PublicDnsName",
                "private_dns": "PrivateDnsName",
            },
        ),
        "aws_key_pair": Row(
            type="AWS::EC2::KeyPair",
            key="{key_name}",
            fields={"key_name": "KeyName", "public_key": "PublicKeyMaterial", "tags": "Tags"},
            attributes={"id": "KeyName", "key_pair_id": "KeyPairId"},
        ),
        "aws_security_group_rule": Row(
            type="", key="{security_group_rule_id}", fields={}, attributes={"id": "Id"}
        ),
        "aws_vpc_security_group_ingress_rule": Row(
            type="AWS::EC2::SecurityGroupIngress",
            key="{security_group_rule_id}",
            fields={
                **_ONE_RULE,
                "referenced_security_group_id": "SourceSecurityGroupId",
                "prefix_list_id": "SourcePrefixListId",
            },
            attributes={"id": "Id", "security_group_rule_id": "Id"},
        ),
        "aws_vpc_security_group_egress_rule": Row(
            type="AWS::EC2::SecurityGroupEgress",
            key="{security_group_rule_id}",
            fields={
                **_ONE_RULE,
                "referenced_security_group_id": "DestinationSecurityGroupId",
                "prefix_list_id": "DestinationPrefixListId",
            },
            attributes={"id": "Id", "security_group_rule_id": "Id"},
        ),
        "aws_vpc": Row(
            type="AWS::EC2::VPC",
            key="{id}",
            fields={
                "cidr_block": "CidrBlock",
                "enable_dns_support": "EnableDnsSupport",
                "enable_dns_hostnames": "EnableDnsHostnames",
                "instance_tenancy": "InstanceTenancy",
                "tags": "Tags",
            },
            attributes={"id": "VpcId", "default_security_group_id": "DefaultSecurityGroup"},
        ),
        "aws_subnet": Row(
            type="AWS::EC2::Subnet",
            key="{id}",
            fields={
                "vpc_id": "VpcId",
                "cidr_block": "CidrBlock",
                "availability_zone": "AvailabilityZone",
                "availability_zone_id": "AvailabilityZoneId",
                "map_public_ip_on_launch": "MapPublicIpOnLaunch",
                "tags": "Tags",
            },
            attributes={"id": "SubnetId"},
        ),
        "aws_internet_gateway": Row(
            type="AWS::EC2::InternetGateway",
            key="{id}",
            fields={"tags": "Tags"},
            attributes={"id": "InternetGatewayId"},
        ),
        "aws_internet_gateway_attachment": Row(
            type="AWS::EC2::VPCGatewayAttachment",
            key="IGW|{vpc_id}",
            fields={"vpc_id": "VpcId", "internet_gateway_id": "InternetGatewayId"},
        ),
        "aws_route_table": Row(
            type="AWS::EC2::RouteTable",
            key="{id}",
            fields={"vpc_id": "VpcId", "tags": "Tags"},
            attributes={"id": "RouteTableId"},
        ),
        "aws_route": Row(
            type="AWS::EC2::Route",
            key="",
            fields={
                "route_table_id": "RouteTableId",
                "destination_cidr_block": "DestinationCidrBlock",
                "destination_ipv6_cidr_block": "DestinationIpv6CidrBlock",
                "destination_prefix_list_id": "DestinationPrefixListId",
                **_TARGETS,
            },
        ),
        "aws_route_table_association": Row(
            type="AWS::EC2::SubnetRouteTableAssociation",
            key="{id}",
            fields={"subnet_id": "SubnetId", "route_table_id": "RouteTableId"},
        ),
        "aws_iam_role": Row(
            type="AWS::IAM::Role",
            key="{id}",
            fields={
                "name": "RoleName",
                "assume_role_policy": "AssumeRolePolicyDocument",
                "description": "Description",
                "path": "Path",
                "max_session_duration": "MaxSessionDuration",
                "permissions_boundary": "PermissionsBoundary",
                "managed_policy_arns": "ManagedPolicyArns",
                "inline_policy": Inner(name="Policies", fields=_POLICY, many=True),
                "tags": "Tags",
            },
            attributes={"id": "RoleName", "arn": "Arn", "unique_id": "RoleId"},
        ),
        "aws_iam_instance_profile": Row(
            type="AWS::IAM::InstanceProfile",
            key="{id}",
            fields={"name": "InstanceProfileName", "path": "Path", "role": Item(name="Roles")},
            attributes={"id": "InstanceProfileName", "arn": "Arn"},
        ),
    }
)

DOCUMENTS: Final = frozenset({"AssumeRolePolicyDocument", "PolicyDocument"})
"""Properties that are maps where Terraform has text that jsonencode() gives."""
ENCODED: Final = frozenset({"aws_instance.user_data"})
"""Arguments that Terraform writes in base64 by itself."""
