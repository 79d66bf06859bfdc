"""Convert a bucket's replication between CloudFormation's shape and S3's, and write it. Shell.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gitbot.model.schema import Removal
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.types.s3.surfaces import VERSIONING, optional

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

NAME = "ReplicationConfiguration"
_TO_S3 = {"Id": "ID", "TagFilter": "Tag", "TagFilters": "Tags"}
_FROM_S3 = {theirs: ours for ours, theirs in _TO_S3.items()}


def normalised_replication(configuration: Any) -> Any:
    """The form for comparison: a rule without an Id has one from its position.

    Otherwise S3 would invent one, and the next plan could not tell the rule from a foreign one.
    """
    if not isinstance(configuration, Mapping):
        return configuration
    rules = configuration.get("Rules")
    if not isinstance(rules, (list, tuple)):
        return configuration
    numbered = [
        {**rule, "Id": rule.get("Id") or f"rule-{index + 1}"} if isinstance(rule, Mapping) else rule
        for index, rule in enumerate(rules)
    ]
    return {**configuration, "Rules": numbered}


def is_replicated(aws: Connection, bucket: str) -> bool:
    """Whether objects of the bucket are copied to another."""
    return _read(aws, bucket) is not None


def _read(aws: Connection, bucket: str) -> Any:
    missing = "ReplicationConfigurationNotFoundError"
    answer = optional(aws, "get_bucket_replication", missing, bucket)
    return None if answer is None else _deep(answer[NAME], _FROM_S3)


def _write(aws: Connection, bucket: str, value: Any) -> None:
    if not value:
        aws.call("s3", "delete_bucket_replication", Bucket=bucket)
        return
    sent = _deep(normalised_replication(value), _TO_S3)
    aws.call("s3", "put_bucket_replication", Bucket=bucket, ReplicationConfiguration=sent)


def _deep(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {names.get(key, key): _deep(item, names) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_deep(item, names) for item in value]
    return value


_RULE = f"/{NAME}/Rules/*"
_NEEDS_VERSIONS = {
    "if": {"required": [NAME]},
    "then": {"properties": {VERSIONING: {"properties": {"Status": {"const": "Enabled"}}}}},
}
LIMITS: Mapping[str, Mapping[str, Any]] = {
    "": {"allOf": [_NEEDS_VERSIONS]},
    f"/{NAME}/Role": {"minLength": 1},
    f"/{NAME}/Rules": {"minItems": 1, "uniqueKeys": ["Id", "Priority"]},
    _RULE: {
        "dependentRequired": {"Filter": ["Priority", "DeleteMarkerReplication"]},
        "dependentExcluded": {"Filter": ["Prefix"]},
    },
    f"{_RULE}/Id": {"minLength": 1},
    f"{_RULE}/Filter/TagFilter/Key": {"minLength": 1},
    f"{_RULE}/Filter/And/TagFilters/*/Key": {"minLength": 1},
    f"{_RULE}/Destination/Bucket": {"minLength": 1},
}
SURFACES = (
    Surface(
        property=NAME,
        read=_read,
        write=_write,
        removal=Removal(default=None, says="nothing is replicated any more"),
    ),
)
