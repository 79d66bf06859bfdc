"""What Terraform cuts out of one object as resources of their own, such as a bucket's versioning. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from gitbot.language.terraform.tables import Field, Inner, Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A type whose objects are properties of another: ``of`` is the argument that names that one.

    ``always`` are properties that Terraform sets by itself, where the arguments do not.
    """

    of: str
    fields: Mapping[str, Field]
    always: Mapping[str, object] = field(default_factory=dict)


_SETTING: Final[Mapping[str, Field]] = {
    "storage_class": "StorageClass",
    "noncurrent_days": "TransitionInDays",
    "days": "TransitionInDays",
    "newer_noncurrent_versions": "NewerNoncurrentVersions",
}
_SIZES: Final[Mapping[str, Field]] = {
    "prefix": "Prefix",
    "object_size_greater_than": "ObjectSizeGreaterThan",
    "object_size_less_than": "ObjectSizeLessThan",
}
_RULE: Final[Mapping[str, Field]] = {
    "id": "Id",
    "status": "Status",
    "prefix": "Prefix",
    "filter": Inner(
        name="",
        fields={
            **_SIZES,
            "tag": Inner(name="TagFilters", fields={"key": "Key", "value": "Value"}, many=True),
            "and": Inner(name="", fields={**_SIZES, "tags": "TagFilters"}),
        },
    ),
    "transition": Inner(name="Transitions", fields=_SETTING, many=True),
    "noncurrent_version_transition": Inner(
        name="NoncurrentVersionTransitions", fields=_SETTING, many=True
    ),
    "expiration": Inner(
        name="",
        fields={
            "days": "ExpirationInDays",
            "date": "ExpirationDate",
            "expired_object_delete_marker": "ExpiredObjectDeleteMarker",
        },
    ),
    "noncurrent_version_expiration": Inner(
        name="NoncurrentVersionExpiration",
        fields={
            "noncurrent_days": "NoncurrentDays",
            "newer_noncurrent_versions": "NewerNoncurrentVersions",
        },
    ),
    "abort_incomplete_multipart_upload": Inner(
        name="AbortIncompleteMultipartUpload",
        fields={"days_after_initiation": "DaysAfterInitiation"},
    ),
}
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
            always={
                f"PublicAccessBlockConfiguration/{name}": False
                for name in (
                    "BlockPublicAcls",
                    "BlockPublicPolicy",
                    "IgnorePublicAcls",
                    "RestrictPublicBuckets",
                )
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
        "aws_s3_bucket_accelerate_configuration": Part(
            of="bucket", fields={"status": "AccelerateConfiguration/AccelerationStatus"}
        ),
        "aws_s3_bucket_logging": Part(
            of="bucket",
            fields={
                "target_bucket": "LoggingConfiguration/DestinationBucketName",
                "target_prefix": "LoggingConfiguration/LogFilePrefix",
            },
        ),
        "aws_s3_bucket_cors_configuration": Part(
            of="bucket",
            fields={
                "cors_rule": Inner(
                    name="CorsConfiguration/CorsRules",
                    many=True,
                    fields={
                        "id": "Id",
                        "allowed_headers": "AllowedHeaders",
                        "allowed_methods": "AllowedMethods",
                        "allowed_origins": "AllowedOrigins",
                        "expose_headers": "ExposedHeaders",
                        "max_age_seconds": "MaxAge",
                    },
                )
            },
        ),
        "aws_s3_bucket_website_configuration": Part(
            of="bucket",
            fields={
                "index_document": Inner(
                    name="", fields={"suffix": "WebsiteConfiguration/IndexDocument"}
                ),
                "error_document": Inner(
                    name="", fields={"key": "WebsiteConfiguration/ErrorDocument"}
                ),
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
        "aws_iam_role_policy_attachment": Part(
            of="role", fields={"policy_arn": Item(name="ManagedPolicyArns")}
        ),
    }
)
