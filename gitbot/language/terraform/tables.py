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


Field: TypeAlias = "str | Inner | None"
"""The name of the property, what becomes of a block, or None for what means nothing to gitbot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A type. ``key`` is the attribute in Terraform's state that identifies the object to gitbot.

    ``attributes`` are those that references use, by Terraform's name; arguments count as well.
    ``always`` are properties that Terraform sets by itself.
    """

    type: str
    key: str
    fields: Mapping[str, Field]
    attributes: Mapping[str, str] = field(default_factory=dict)
    always: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A type whose objects are properties of another: ``of`` is the argument that names that one."""

    of: str
    fields: Mapping[str, Field]


_SETTING: Final = {
    "storage_class": "StorageClass",
    "noncurrent_days": "TransitionInDays",
    "days": "TransitionInDays",
}
_RULE: Final[Mapping[str, Field]] = {
    "id": "Id",
    "status": "Status",
    "prefix": "Prefix",
    "filter": Inner(name="", fields={"prefix": "Prefix"}),
    "transition": Inner(name="Transitions", fields=_SETTING, many=True),
    "noncurrent_version_transition": Inner(
        name="NoncurrentVersionTransitions", fields=_SETTING, many=True
    ),
    "expiration": Inner(name="", fields={"days": "ExpirationInDays"}),
    "noncurrent_version_expiration": Inner(
        name="NoncurrentVersionExpiration", fields={"noncurrent_days": "NoncurrentDays"}
    ),
    "abort_incomplete_multipart_upload": Inner(
        name="AbortIncompleteMultipartUpload",
        fields={"days_after_initiation": "DaysAfterInitiation"},
    ),
}
_DISK: Final[Mapping[str, Field]] = {
    "volume_size": "VolumeSize",
    "volume_type": "VolumeType",
    "encrypted": "Encrypted",
    "delete_on_termination": "DeleteOnTermination",
    "iops": "Iops",
    "throughput": "Throughput",
    "kms_key_id": "KmsKeyId",
}

ROWS: Final[Mapping[str, Row]] = MappingProxyType(
    {
        "aws_s3_bucket": Row(
            type="AWS::S3::Bucket",
            key="id",
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
            key="bucket",
            fields={"bucket": "Bucket", "policy": "PolicyDocument"},
        ),
        "aws_security_group": Row(
            type="AWS::EC2::SecurityGroup",
            key="id",
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
            key="id",
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
                "user_data": "UserData",
                "user_data_base64": "UserData",
                "tags": "Tags",
                "metadata_options": Inner(
                    name="MetadataOptions",
                    fields={
                        "http_tokens": "HttpTokens",
                        "http_endpoint": "HttpEndpoint",
                        "http_put_response_hop_limit": "HttpPutResponseHopLimit",
                    },
                ),
                "ebs_block_device": Inner(
                    name="BlockDeviceMappings",
                    many=True,
                    fields={"device_name": "DeviceName", "*": Inner(name="Ebs", fields=_DISK)},
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
            key="key_name",
            fields={"key_name": "KeyName", "public_key": "PublicKeyMaterial", "tags": "Tags"},
            attributes={"id": "KeyName", "key_pair_id": "KeyPairId"},
        ),
        "aws_vpc": Row(
            type="AWS::EC2::VPC",
            key="id",
            fields={
                "cidr_block": "CidrBlock",
                "enable_dns_support": "EnableDnsSupport",
                "enable_dns_hostnames": "EnableDnsHostnames",
                "instance_tenancy": "InstanceTenancy",
                "tags": "Tags",
            },
            attributes={"id": "VpcId"},
        ),
        "aws_subnet": Row(
            type="AWS::EC2::Subnet",
            key="id",
            fields={
                "vpc_id": "VpcId",
                "cidr_block": "CidrBlock",
                "availability_zone": "AvailabilityZone",
                "map_public_ip_on_launch": "MapPublicIpOnLaunch",
                "tags": "Tags",
            },
            attributes={"id": "SubnetId"},
        ),
        "aws_internet_gateway": Row(
            type="AWS::EC2::InternetGateway",
            key="id",
            fields={"tags": "Tags"},
            attributes={"id": "InternetGatewayId"},
        ),
        "aws_internet_gateway_attachment": Row(
            type="AWS::EC2::VPCGatewayAttachment",
            key="",
            fields={"vpc_id": "VpcId", "internet_gateway_id": "InternetGatewayId"},
        ),
        "aws_route_table": Row(
            type="AWS::EC2::RouteTable",
            key="id",
            fields={"vpc_id": "VpcId", "tags": "Tags"},
            attributes={"id": "RouteTableId"},
        ),
        "aws_route": Row(
            type="AWS::EC2::Route",
            key="",
            fields={
                "route_table_id": "RouteTableId",
                "destination_cidr_block": "DestinationCidrBlock",
                "gateway_id": "GatewayId",
            },
        ),
        "aws_route_table_association": Row(
            type="AWS::EC2::SubnetRouteTableAssociation",
            key="id",
            fields={"subnet_id": "SubnetId", "route_table_id": "RouteTableId"},
        ),
        "aws_iam_role": Row(
            type="AWS::IAM::Role",
            key="id",
            fields={
                "name": "RoleName",
                "assume_role_policy": "AssumeRolePolicyDocument",
                "description": "Description",
                "path": "Path",
                "max_session_duration": "MaxSessionDuration",
                "permissions_boundary": "PermissionsBoundary",
                "managed_policy_arns": "ManagedPolicyArns",
                "tags": "Tags",
            },
            attributes={"id": "RoleName", "arn": "Arn", "unique_id": "RoleId"},
        ),
        "aws_iam_instance_profile": Row(
            type="AWS::IAM::InstanceProfile",
            key="id",
            fields={"name": "InstanceProfileName", "path": "Path", "role": "Roles"},
            attributes={"id": "InstanceProfileName", "arn": "Arn"},
        ),
    }
)

PARTS: Final[Mapping[str, Part]] = MappingProxyType(
    {
        "aws_s3_bucket_versioning": Part(
            of="bucket",
            fields={
                "versioning_configuration": Inner(
                    name="VersioningConfiguration", fields={"status": "Status"}
                )
            },
        ),
        "aws_s3_bucket_lifecycle_configuration": Part(
            of="bucket",
            fields={"rule": Inner(name="LifecycleConfiguration/Rules", fields=_RULE, many=True)},
        ),
        "aws_s3_bucket_public_access_block": Part(
            of="bucket",
            fields={
                "block_public_acls": "PublicAccessBlockConfiguration/BlockPublicAcls",
                "block_public_policy": "PublicAccessBlockConfiguration/BlockPublicPolicy",
                "ignore_public_acls": "PublicAccessBlockConfiguration/IgnorePublicAcls",
                "restrict_public_buckets": "PublicAccessBlockConfiguration/RestrictPublicBuckets",
            },
        ),
        "aws_s3_bucket_server_side_encryption_configuration": Part(
            of="bucket",
            fields={
                "rule": Inner(
                    name="BucketEncryption/ServerSideEncryptionConfiguration",
                    many=True,
                    fields={
                        "bucket_key_enabled": "BucketKeyEnabled",
                        "apply_server_side_encryption_by_default": Inner(
                            name="ServerSideEncryptionByDefault",
                            fields={
                                "sse_algorithm": "SSEAlgorithm",
                                "kms_master_key_id": "KMSMasterKeyID",
                            },
                        ),
                    },
                )
            },
        ),
        "aws_s3_bucket_ownership_controls": Part(
            of="bucket",
            fields={
                "rule": Inner(
                    name="OwnershipControls/Rules",
                    many=True,
                    fields={"object_ownership": "ObjectOwnership"},
                )
            },
        ),
        "aws_iam_role_policy": Part(
            of="role",
            fields={
                "*": Inner(
                    name="Policies",
                    many=True,
                    fields={"name": "PolicyName", "policy": "PolicyDocument"},
                )
            },
        ),
    }
)
LISTS: Final = frozenset({"Roles"})
"""Properties that are lists where Terraform has one value."""
DOCUMENTS: Final = frozenset({"AssumeRolePolicyDocument", "PolicyDocument"})
"""Properties that are maps where Terraform has text that jsonencode() gives."""
ENCODED: Final = frozenset({"aws_instance.user_data"})
"""Arguments that Terraform writes in base64 by itself."""
