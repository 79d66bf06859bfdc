"""Describe calls as CloudTrail's events do, and find the resources that they name. Pure.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

_READS = ("Describe", "Get", "Head", "List", "Lookup", "Search", "Simulate")
_BY_PREFIX = {
    "acl": "AWS::EC2::NetworkAcl",
    "eigw": "AWS::EC2::EgressOnlyInternetGateway",
    "eipalloc": "AWS::EC2::EIP",
    "eni": "AWS::EC2::NetworkInterface",
    "i": "AWS::EC2::Instance",
    "igw": "AWS::EC2::InternetGateway",
    "nat": "AWS::EC2::NatGateway",
    "rtb": "AWS::EC2::RouteTable",
    "sg": "AWS::EC2::SecurityGroup",
    "subnet": "AWS::EC2::Subnet",
    "vol": "AWS::EC2::Volume",
    "vpc": "AWS::EC2::VPC",
}
_EC2_ID = re.compile(rf"\b({'|'.join(_BY_PREFIX)})-[0-9a-f]{{8,17}}\b")
_IAM_NAMES = {
    "RoleName": "AWS::IAM::Role",
    "InstanceProfileName": "AWS::IAM::InstanceProfile",
    "PolicyArn": "AWS::IAM::Policy",
    "PolicyName": "AWS::IAM::Policy",
    "UserName": "AWS::IAM::User",
}
_S3_EVENTS = {
    "DeletePublicAccessBlock": "DeleteBucketPublicAccessBlock",
    "GetBucketLifecycleConfiguration": "GetBucketLifecycle",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutBucketLifecycleConfiguration": "PutBucketLifecycle",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
}
"""The operations whose event has another name:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html"""
REMOVED = "<sensitiveDataRemoved>"
_GLOBAL_REGION = "us-east-1"
_GLOBAL = frozenset({"iam"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who called: ``kind`` is CloudTrail's ``IAMUser``, ``AssumedRole`` or ``AWSService``.

    ``name`` is the user, the session of the role, or the service. ``console`` tells that the call
    came from the pages of the console.
    """

    kind: str
    name: str
    account: str
    arn: str = ""
    role: str = ""
    access_key: str = ""
    console: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailEvent:
    """One call, or one deed of a service. ``resources`` are (type, name)."""

    id: str
    at: datetime
    service: str
    name: str
    region: str
    caller: Caller
    address: str
    agent: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    resources: tuple[tuple[str, str], ...] = ()
    error: str = ""
    details: Mapping[str, Any] | None = None

    @property
    def read_only(self) -> bool:
        """Whether the call changed nothing."""
        return is_read(self.name)

    @property
    def source(self) -> str:
        """The service's host name."""
        return f"{self.service}.amazonaws.com"


def is_read(operation: str) -> bool:
    """Whether the name of the operation is one that only reads."""
    return operation.startswith(_READS)


def event_name(service: str, operation: str) -> str:
    """CloudTrail's name for the operation."""
    return _S3_EVENTS.get(operation, operation) if service == "s3" else operation


def event_region(service: str, region: str) -> str:
    """Where the event is kept: those of global services are in one region only.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html
    """
    return _GLOBAL_REGION if service in _GLOBAL else region


_LEFT_OUT = frozenset(
    {"UserData", "Value", "SecretString", "SecretBinary", "DesiredState", "PatchDocument"}
)
"""What CloudTrail does not keep of a call."""


def is_recorded(service: str, operation: str, path: str) -> bool:
    """Whether the call is a management event that can be found by what it changes or names.

    Calls about objects in buckets are data events, which ``LookupEvents`` never returns.
    """
    if service == "s3":
        return bool(_bucket(path)) and "/" not in path.strip("/") and operation != "DeleteObjects"
    if service in ("sts", "cloudtrail"):
        return False
    return service in _GLOBAL or not is_read(operation)


def parameters_of(service: str, path: str, body: bytes) -> dict[str, Any]:
    """The parameters of a call, or the bucket's name; user data and secrets are left out."""
    if service == "s3":
        return {"bucketName": _bucket(path)}
    text = body.decode("utf-8", "replace")
    fields = json.loads(text) if text.startswith("{") else dict(parse_qsl(text, True))
    return {
        f"{name[:1].lower()}{name[1:]}": REMOVED if name in _LEFT_OUT else value
        for name, value in fields.items()
        if name not in ("Action", "Version")
    }


def resources_of(
    service: str, operation: str, path: str, body: bytes, answer: bytes
) -> tuple[tuple[str, str], ...]:
    """(type, name) of what the call names, and of what a creation returned; each once."""
    if service == "s3":
        return (("AWS::S3::Bucket", _bucket(path)),)
    fields = dict(parse_qsl(body.decode("utf-8", "replace")))
    if service == "iam":
        named = ((type_, fields[key]) for key, type_ in _IAM_NAMES.items() if key in fields)
        return tuple(named)
    if service != "ec2":
        return ()
    texts = [value for name, value in fields.items() if name != "UserData"]
    if operation.startswith(("Allocate", "Create", "Run")):
        texts.append(answer.decode("utf-8", "replace"))
    found = [*_ids(texts)]
    if "KeyName" in fields and operation.endswith("KeyPair"):
        found.append(("AWS::EC2::KeyPair", fields["KeyName"]))
    return tuple(dict.fromkeys(found))


def event_text(event: TrailEvent) -> str:
    """The event's record as JSON, which ``LookupEvents`` gives as ``CloudTrailEvent``."""
    service = event.caller.kind == "AWSService"
    record: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": _identity(event.caller),
        "eventTime": event.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": event.source,
        "eventName": event.name,
        "awsRegion": event.region,
        "sourceIPAddress": event.address,
        "userAgent": event.agent,
        "requestParameters": dict(event.parameters) or None,
        "responseElements": None,
        "eventID": event.id,
        "readOnly": event.read_only,
        "eventType": "AwsServiceEvent" if service else "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": event.caller.account,
        "eventCategory": "Management",
    }
    if event.caller.console:
        record["sessionCredentialFromConsole"] = "true"
    if event.error:
        record["errorCode"] = event.error
    if event.details is not None:
        record["serviceEventDetails"] = dict(event.details)
    return json.dumps(record)


def _identity(caller: Caller) -> dict[str, Any]:
    if caller.kind == "AWSService":
        return {"accountId": caller.account, "invokedBy": caller.name}
    identity = {
        "type": caller.kind,
        "arn": caller.arn,
        "accountId": caller.account,
        "accessKeyId": caller.access_key,
    }
    if caller.kind == "AssumedRole":
        name = caller.role.rpartition("/")[2]
        issuer = {"type": "Role", "arn": caller.role, "accountId": caller.account, "userName": name}
        return {**identity, "sessionContext": {"sessionIssuer": issuer}}
    return {**identity, "userName": caller.name}


def _ids(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    for text in texts:
        for found in _EC2_ID.finditer(text):
            yield _BY_PREFIX[found[1]], found[0]


def _bucket(path: str) -> str:
    return path.lstrip("/").partition("/")[0]
