"""Tell which operation of which service an HTTP request to AWS asks for. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, parse_qsl

from gitbot_sandbox.aws.rest_names import operation_named

CALL = "gitbot_sandbox.call"
"""Where the gate leaves (service, operation) of a request for those behind it."""
CLOUD_CONTROL_SERVICE = "cloudcontrolapi"
"""The name that requests to the Cloud Control API are signed for."""
FAULT = "gitbot_sandbox.fault"
"""Where the gate leaves a fault that those behind it make happen."""

# An S3 request does not name its operation: method, level and subresource tell it.
_BUCKET_NOUNS = {
    "accelerate": "BucketAccelerateConfiguration",
    "acl": "BucketAcl",
    "cors": "BucketCors",
    "abac": "BucketAbac",
    "encryption": "BucketEncryption",
    "intelligent-tiering": "BucketIntelligentTieringConfiguration",
    "inventory": "BucketInventoryConfiguration",
    "location": "BucketLocation",
    "lifecycle": "BucketLifecycleConfiguration",
    "logging": "BucketLogging",
    "notification": "BucketNotificationConfiguration",
    "object-lock": "ObjectLockConfiguration",
    "ownershipControls": "BucketOwnershipControls",
    "policy": "BucketPolicy",
    "policyStatus": "BucketPolicyStatus",
    "publicAccessBlock": "PublicAccessBlock",
    "replication": "BucketReplication",
    "requestPayment": "BucketRequestPayment",
    "tagging": "BucketTagging",
    "versioning": "BucketVersioning",
    "website": "BucketWebsite",
}
_OBJECT_NOUNS = {
    "acl": "ObjectAcl",
    "legal-hold": "ObjectLegalHold",
    "retention": "ObjectRetention",
    "tagging": "ObjectTagging",
}
_IRREGULAR = {
    "DeleteBucketLifecycleConfiguration": "DeleteBucketLifecycle",
    "GET/intelligent-tiering": "ListBucketIntelligentTieringConfigurations",
    "GET/inventory": "ListBucketInventoryConfigurations",
    "GET/versions": "ListObjectVersions",
    "GET/uploads": "ListMultipartUploads",
    "GET/list-type": "ListObjectsV2",
    "POST/delete": "DeleteObjects",
    "POST/uploads": "CreateMultipartUpload",
}
_VERBS = {"GET": "Get", "PUT": "Put", "DELETE": "Delete"}
_WHOLE_BUCKET = {
    "GET": "ListObjects",
    "HEAD": "HeadBucket",
    "PUT": "CreateBucket",
    "DELETE": "DeleteBucket",
}
_WHOLE_OBJECT = {
    "GET": "GetObject",
    "HEAD": "HeadObject",
    "PUT": "PutObject",
    "DELETE": "DeleteObject",
}
_CONTROL_TAGS = "/v20180820/tags/"
_OF_TAGS = {"GET": "ListTagsForResource", "POST": "TagResource", "DELETE": "UntagResource"}
_UNSIGNED = {
    "AssumeRoleWithSAML": "sts",
    "AssumeRoleWithWebIdentity": "sts",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call that came in. ``status`` is 0 when no reply was sent.

    ``fault`` names the fault that hit the call, if any. ``began_s`` is when the call came in, on
    this process's monotonic clock. ``bucket`` is that of a call to S3 with its bucket in the path.
    The bytes are those of the bodies.
    """

    service: str
    operation: str
    status: int
    duration_s: float
    fault: str | None = None
    began_s: float = 0.0
    bucket: str = ""
    bytes_sent: int = 0
    bytes_received: int = 0

    def __str__(self) -> str:
        return f"{self.service}.{self.operation}"


def identify(
    method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
) -> tuple[str, str]:
    """(service, operation), both as boto3 names them.

    Where botocore does not describe the path, the operation is ``METHOD /path``. ``headers`` are keyed in
    lower case. ``body`` is read only in form-encoded requests.
    """
    service = _signing_name(headers.get("authorization", ""))
    target = headers.get("x-amz-target")
    if target:
        return service or target.split(".")[0].lower(), target.rsplit(".", 1)[-1]
    form = headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    fields = parse_qs(body.decode("utf-8", "replace") if form else query)
    action = fields.get("Action", [None])[0]
    if action:
        return service or _UNSIGNED.get(action, "unknown"), action
    if path.startswith(_CONTROL_TAGS):
        return "s3control", _OF_TAGS.get(method, f"{method} {path}")
    if service in (None, "s3"):
        return "s3", _s3_operation(method, path, query, headers)
    return service, operation_named(service, method, path) or f"{method} {path}"


def type_named(body: bytes) -> str:
    """The ``TypeName`` of a JSON body; empty without one."""
    try:
        said = json.loads(body)
    except ValueError:
        return ""
    return str(said.get("TypeName", "")) if isinstance(said, dict) else ""


def credential(authorization: str) -> tuple[str, str]:
    """(access key, region) of a request that was signed; both empty for one that was not."""
    parts = _scope(authorization)
    return (parts[0], parts[2]) if parts else ("", "")


def _signing_name(authorization: str) -> str | None:
    parts = _scope(authorization)
    return parts[3].lower() if parts else None


def _scope(authorization: str) -> list[str]:
    """The five parts of a Signature Version 4 credential scope, or none."""
    _, found, scope = authorization.partition("Credential=")
    parts = scope.split(",")[0].strip().split("/")
    return parts if found and len(parts) == 5 else []


def _s3_operation(method: str, path: str, query: str, headers: Mapping[str, str]) -> str:
    bucket, _, key = path.lstrip("/").partition("/")
    if not bucket:
        return "ListBuckets"
    names = [name for name, _ in parse_qsl(query, keep_blank_values=True)]
    for name in names:
        irregular = _IRREGULAR.get(f"{method}/{name}")
        if irregular:
            return irregular
        noun = (_OBJECT_NOUNS if key else _BUCKET_NOUNS).get(name)
        if noun and method in _VERBS:
            regular = f"{_VERBS[method]}{noun}"
            return _IRREGULAR.get(regular, regular)
    if key and "uploadId" in names:
        return _multipart(method, names)
    if key and method == "PUT" and "x-amz-copy-source" in headers:
        return "CopyObject"
    whole = _WHOLE_OBJECT if key else _WHOLE_BUCKET
    return whole.get(method, f"{method} {path}")


def _multipart(method: str, names: list[str]) -> str:
    if method == "PUT" and "partNumber" in names:
        return "UploadPart"
    return {
        "GET": "ListParts",
        "POST": "CompleteMultipartUpload",
        "DELETE": "AbortMultipartUpload",
    }.get(method, f"{method} multipart")
