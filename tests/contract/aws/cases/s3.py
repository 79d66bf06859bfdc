"""Cases of the types of S3."""

from __future__ import annotations

import json
from typing import Any

from tests.contract.aws.cases.case import (
    OTHER_TAGS,
    TAGS,
    Case,
)
from tests.contract.aws.cases.stacks import STACKS
from tests.contract.aws.world import AwsWorld


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


def owned_bucket(world: AwsWorld) -> str:
    """A bucket without ACLs, whose policy for access logs may come after the bucket that it names."""
    name = "access-logs-owned"
    world.thing(name, lambda: world.aws.client("s3").create_bucket(Bucket=name))
    return name


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
        "InventoryConfigurations": [
            {
                "Id": "all",
                "Enabled": True,
                "IncludedObjectVersions": "Current",
                "ScheduleFrequency": "Daily",
                "Prefix": "models/",
                "OptionalFields": ["Size", "ETag"],
                "Destination": {
                    "BucketArn": "arn:aws:s3:::lists",
                    "BucketAccountId": "123456789012",
                    "Format": "CSV",
                    "Prefix": "lists/",
                },
            }
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
        "LoggingConfiguration": {"DestinationBucketName": owned_bucket(world)},
        "IntelligentTieringConfigurations": [
            {
                "Id": "old",
                "Status": "Disabled",
                "Tierings": [{"AccessTier": "ARCHIVE_ACCESS", "Days": 100}],
            }
        ],
        "InventoryConfigurations": [
            {
                "Id": "all",
                "Enabled": False,
                "IncludedObjectVersions": "All",
                "ScheduleFrequency": "Weekly",
                "Destination": {"BucketArn": "arn:aws:s3:::lists", "Format": "Parquet"},
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


CASES = (
    Case(
        type="AWS::S3::Bucket",
        one_value=frozenset({"ObjectLockEnabled", "VersioningConfiguration"}),
        elsewhere=frozenset({"ObjectLockConfiguration"}),
        needed=frozenset({"ObjectLockConfiguration", "VersioningConfiguration"}),
        bars=frozenset(
            {"ObjectLockEnabled", "ObjectLockConfiguration", "ReplicationConfiguration"}
        ),
        stack=STACKS["AWS::S3::Bucket"],
        creating="CreateBucket",
        absent="gone-1f2e3d",
        minimal=lambda world: {},
        full=bucket,
        changes=bucket_changes,
        attributes=frozenset({"Arn", "DomainName", "RegionalDomainName", "WebsiteURL"}),
        beside={
            "ObjectLockConfiguration/Rule/DefaultRetention": lambda world, name: {
                **({"Mode": "GOVERNANCE"} if name != "Mode" else {}),
                **({"Days": 1} if name == "Mode" else {}),
            }
        },
    ),
    Case(
        type="AWS::S3::BucketPolicy",
        stack=STACKS["AWS::S3::BucketPolicy"],
        creating="PutBucketPolicy",
        absent="gone-1f2e3d",
        tagged=False,
        minimal=bucket_policy,
        full=bucket_policy,
        changes=lambda world: {"PolicyDocument": json.dumps(_refusing("s3:DeleteObject"))},
        samples={
            "Bucket": ["gitbot-policy-a", "gitbot-policy-b"],
            "PolicyDocument": lambda world: [
                _refusing(f"s3:{one}Object") for one in ("Delete", "Put")
            ],
        },
        beside={
            "": lambda world, name: {"PolicyDocument": _anywhere()} if name == "Bucket" else {}
        },
    ),
)


def _anywhere() -> dict[str, Any]:
    """A policy that may be that of any bucket."""
    whole = _refusing("s3:DeleteObject")
    whole["Statement"]["NotResource"] = whole["Statement"].pop("Resource")
    return whole


def _refusing(action: str) -> dict[str, Any]:
    """A policy that refuses the action to everybody."""
    return {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Deny",
            "Principal": "*",
            "Action": action,
            "Resource": "arn:aws:s3:::gitbot-policy/*",
        },
    }
