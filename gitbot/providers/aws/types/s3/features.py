"""Read and write a bucket's website, access logs and acceleration. Shell.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gitbot.model.schema import Removal
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.types.s3.surfaces import optional, renamed

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

# --- acceleration --------------------------------------------------------------------------------


def _read_acceleration(aws: Connection, bucket: str) -> Any:
    # S3 does not note "Suspended" of a bucket that was never accelerated.
    answer = aws.call("s3", "get_bucket_accelerate_configuration", Bucket=bucket)
    return {"AccelerationStatus": answer.get("Status") or "Suspended"}


def _write_acceleration(aws: Connection, bucket: str, value: Any) -> None:
    status = {"Status": value["AccelerationStatus"]}
    aws.call(
        "s3",
        "put_bucket_accelerate_configuration",
        Bucket=bucket,
        AccelerateConfiguration=status,
    )


# --- website -------------------------------------------------------------------------------------

_RULE_TO_S3 = {"RedirectRule": "Redirect", "RoutingRuleCondition": "Condition"}
_RULE_FROM_S3 = {theirs: ours for ours, theirs in _RULE_TO_S3.items()}


def _read_website(aws: Connection, bucket: str) -> Any:
    answer = optional(aws, "get_bucket_website", "NoSuchWebsiteConfiguration", bucket)
    if answer is None:
        return None
    done = {
        "ErrorDocument": answer.get("ErrorDocument", {}).get("Key"),
        "IndexDocument": answer.get("IndexDocument", {}).get("Suffix"),
        "RedirectAllRequestsTo": answer.get("RedirectAllRequestsTo"),
        "RoutingRules": [renamed(one, _RULE_FROM_S3) for one in answer.get("RoutingRules", ())],
    }
    return {name: value for name, value in done.items() if value}


def _write_website(aws: Connection, bucket: str, value: Any) -> None:
    if not value:
        aws.call("s3", "delete_bucket_website", Bucket=bucket)
        return
    sent: dict[str, Any] = {}
    if value.get("ErrorDocument"):
        sent["ErrorDocument"] = {"Key": value["ErrorDocument"]}
    if value.get("IndexDocument"):
        sent["IndexDocument"] = {"Suffix": value["IndexDocument"]}
    if value.get("RedirectAllRequestsTo"):
        sent["RedirectAllRequestsTo"] = dict(value["RedirectAllRequestsTo"])
    if value.get("RoutingRules"):
        sent["RoutingRules"] = [renamed(one, _RULE_TO_S3) for one in value["RoutingRules"]]
    aws.call("s3", "put_bucket_website", Bucket=bucket, WebsiteConfiguration=sent)


# --- access logs ---------------------------------------------------------------------------------

_LOGS_TO_S3 = {"DestinationBucketName": "TargetBucket", "LogFilePrefix": "TargetPrefix"}
_LOGS_FROM_S3 = {theirs: ours for ours, theirs in _LOGS_TO_S3.items()}


def _read_logging(aws: Connection, bucket: str) -> Any:
    enabled = aws.call("s3", "get_bucket_logging", Bucket=bucket).get("LoggingEnabled")
    if not enabled:
        return None
    told = renamed(enabled, _LOGS_FROM_S3)
    known = ("DestinationBucketName", "LogFilePrefix", "TargetObjectKeyFormat")
    return {name: told[name] for name in known if name in told}


def _write_logging(aws: Connection, bucket: str, value: Any) -> None:
    status: dict[str, Any] = {}
    if value:  # the call wants a prefix, also an empty one
        status = {"LoggingEnabled": {"TargetPrefix": "", **renamed(value, _LOGS_TO_S3)}}
    aws.call("s3", "put_bucket_logging", Bucket=bucket, BucketLoggingStatus=status)


LIMITS: Mapping[str, Mapping[str, Any]] = {
    "/WebsiteConfiguration": {
        "requiredXor": ["IndexDocument", "RedirectAllRequestsTo"],
        "dependentRequired": {
            "ErrorDocument": ["IndexDocument"],
            "RoutingRules": ["IndexDocument"],
        },
    },
    "/WebsiteConfiguration/IndexDocument": {"minLength": 1},
    "/WebsiteConfiguration/RedirectAllRequestsTo/HostName": {"minLength": 1},
    "/LoggingConfiguration": {"required": ["DestinationBucketName"]},
    "/LoggingConfiguration/DestinationBucketName": {"minLength": 1},
}
SURFACES = (
    Surface(
        property="AccelerateConfiguration",
        read=_read_acceleration,
        write=_write_acceleration,
        removal=Removal(
            default={"AccelerationStatus": "Suspended"}, says="transfers are not accelerated"
        ),
    ),
    Surface(
        property="WebsiteConfiguration",
        read=_read_website,
        write=_write_website,
        removal=Removal(default=None, says="the bucket is no website any more"),
    ),
    Surface(
        property="LoggingConfiguration",
        read=_read_logging,
        write=_write_logging,
        removal=Removal(default=None, says="no access logs are written"),
    ),
)
