"""Convert a bucket's notifications between CloudFormation's shape and S3's, and write them. Shell.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gitbot.model.schema import Removal
from gitbot.providers.aws.surfaces import Surface

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

NAME = "NotificationConfiguration"
_BRIDGE = "EventBridgeConfiguration"


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of receivers: the names of their list and of the receiver, here and in S3."""

    ours: str
    receiver: str
    theirs: str
    arn: str


_KINDS = (
    _Kind("LambdaConfigurations", "Function", "LambdaFunctionConfigurations", "LambdaFunctionArn"),
    _Kind("QueueConfigurations", "Queue", "QueueConfigurations", "QueueArn"),
    _Kind("TopicConfigurations", "Topic", "TopicConfigurations", "TopicArn"),
)
LISTS = frozenset(f"/{NAME}/{kind.ours}" for kind in _KINDS)


def normalised_notification(configuration: Any) -> Any:
    """The form for comparison: S3 spells the names of its filters as it likes."""
    if not isinstance(configuration, Mapping):
        return configuration
    return {
        name: [_lowered(one) for one in value] if isinstance(value, (list, tuple)) else value
        for name, value in configuration.items()
    }


def _lowered(one: Any) -> Any:
    try:
        rules = one["Filter"]["S3Key"]["Rules"]
        lowered = [{**rule, "Name": rule["Name"].lower()} for rule in rules]
    except (TypeError, KeyError, AttributeError):
        return one
    return {**one, "Filter": {**one["Filter"], "S3Key": {"Rules": lowered}}}


def _read(aws: Connection, bucket: str) -> Any:
    answer = aws.call("s3", "get_bucket_notification_configuration", Bucket=bucket)
    return {
        _BRIDGE: {"EventBridgeEnabled": _BRIDGE in answer},
        **{
            kind.ours: [flat for one in answer.get(kind.theirs, ()) for flat in _from_s3(kind, one)]
            for kind in _KINDS
        },
    }


def _from_s3(kind: _Kind, one: Mapping[str, Any]) -> list[dict[str, Any]]:
    rules = one.get("Filter", {}).get("Key", {}).get("FilterRules", ())
    filter_ = {"Filter": {"S3Key": {"Rules": [dict(rule) for rule in rules]}}} if rules else {}
    return [{"Event": event, kind.receiver: one[kind.arn], **filter_} for event in one["Events"]]


def _write(aws: Connection, bucket: str, value: Any) -> None:
    # The call replaces everything, so send what the spec does not declare as it is.
    whole = _read(aws, bucket) | dict(value)
    sent: dict[str, Any] = {
        kind.theirs: [_to_s3(kind, one) for one in whole[kind.ours]]
        for kind in _KINDS
        if whole[kind.ours]
    }
    if whole[_BRIDGE].get("EventBridgeEnabled"):
        sent[_BRIDGE] = {}
    aws.call(
        "s3",
        "put_bucket_notification_configuration",
        Bucket=bucket,
        NotificationConfiguration=sent,
    )


def _to_s3(kind: _Kind, one: Mapping[str, Any]) -> dict[str, Any]:
    rules = _lowered(one).get("Filter", {}).get("S3Key", {}).get("Rules", ())
    filter_ = {"Filter": {"Key": {"FilterRules": [dict(rule) for rule in rules]}}} if rules else {}
    return {kind.arn: one[kind.receiver], "Events": [one["Event"]], **filter_}


_RULES = "Filter/S3Key/Rules"
_OF_A_KIND: Mapping[str, Mapping[str, Any]] = {
    "*/Event": {"minLength": 1},
    f"*/{_RULES}": {"uniqueKeys": ["Name"]},
    f"*/{_RULES}/*/Name": {"enum": ["prefix", "suffix", "Prefix", "Suffix"]},
    f"*/{_RULES}/*/Value": {"minLength": 1},
}
LIMITS: Mapping[str, Mapping[str, Any]] = {
    f"/{NAME}/{kind.ours}/{path}": limits
    for kind in _KINDS
    for path, limits in {**_OF_A_KIND, f"*/{kind.receiver}": {"minLength": 1}}.items()
}
SURFACES = (
    Surface(
        property=NAME,
        read=_read,
        write=_write,
        removal=Removal(
            default={
                _BRIDGE: {"EventBridgeEnabled": False},
                **{kind.ours: [] for kind in _KINDS},
            },
            says="S3 tells nobody of events in the bucket",
        ),
    ),
)
