"""Add what moto's S3 lacks: the defaults of new buckets, and complete lifecycle rules. Shell."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from functools import wraps
from typing import Any

import xmltodict  # type: ignore[import-untyped]
from flask import has_request_context, request
from moto.core.responses import ActionResult
from moto.s3.exceptions import (
    BucketAccessDeniedError,
    NoSuchLifecycleConfiguration,
    S3ClientError,
)
from moto.s3.models import FakeBucket, PublicAccessBlock, S3Backend
from moto.s3.responses import S3Response

from gitbot_sandbox.aws.moto_patch import wrap

_SSE_S3 = {
    "Rule": {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
        "BucketKeyEnabled": False,
    }
}


def patch() -> None:
    """Make the patches of this module."""
    wrap(FakeBucket, "__init__", _new_bucket_defaults)
    wrap(S3Backend, "delete_bucket_encryption", _encryption_never_ends)
    wrap(S3Backend, "put_bucket_policy", _public_policy_blocked)
    wrap(S3Response, "_bucket_response_put", _tags_at_creation)
    wrap(S3Response, "_bucket_response_put", _abac_set)
    wrap(S3Response, "_bucket_response_get", _abac_read)
    wrap(FakeBucket, "_log_permissions_enabled_policy", _logs_taken_by_owner)
    wrap(FakeBucket, "set_lifecycle", _rules_as_given)
    wrap(S3Response, "get_bucket_lifecycle", _rules_given_back)


def _new_bucket_defaults(original: Any) -> Any:
    """Defect: a new bucket has no encryption, no public access block and ACLs in force.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html
    """

    @wraps(original)
    def __init__(self: Any, *args: Any, **named: Any) -> None:
        original(self, *args, **named)
        self.encryption = _SSE_S3
        self.public_access_block = PublicAccessBlock(True, True, True, True)
        self.ownership_rule = "BucketOwnerEnforced"

    return __init__


def _encryption_never_ends(original: Any) -> Any:
    """Defect: deleting a bucket's encryption leaves none, while S3 goes back to SSE-S3."""

    @wraps(original)
    def delete_bucket_encryption(self: Any, bucket_name: str) -> None:
        original(self, bucket_name)
        self.get_bucket(bucket_name).encryption = _SSE_S3

    return delete_bucket_encryption


def _logs_taken_by_owner(original: Any) -> Any:
    """Defect: the target of access logs must have its policy before, also where no ACLs are in force.

    The policy names the bucket that is logged, so it can only come after it. Until it does, S3 delivers none.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
    """

    @wraps(original)
    def _log_permissions_enabled_policy(target_bucket: Any, target_prefix: Any) -> bool:
        owned = target_bucket.ownership_rule == "BucketOwnerEnforced"
        return owned or bool(original(target_bucket, target_prefix))

    return staticmethod(_log_permissions_enabled_policy)


def _public_policy_blocked(original: Any) -> Any:
    """Defect: a public policy is accepted although BlockPublicPolicy forbids it.

    Here, public means an unconditional Allow for everybody.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """

    @wraps(original)
    def put_bucket_policy(self: Any, bucket_name: str, policy: bytes) -> Any:
        block = self.get_bucket(bucket_name).public_access_block
        if block is not None and block.block_public_policy and _is_public(json.loads(policy)):
            raise BucketAccessDeniedError(bucket_name)
        return original(self, bucket_name, policy)

    return put_bucket_policy


def _is_public(policy: Mapping[str, Any]) -> bool:
    return any(
        statement.get("Effect") == "Allow"
        and not statement.get("Condition")
        and statement.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
        for statement in _list(policy.get("Statement"))
    )


def _tags_at_creation(original: Any) -> Any:
    """Defect: the tags in CreateBucketConfiguration are dropped."""

    @wraps(original)
    def _bucket_response_put(self: Any, request: Any, bucket_name: str, querystring: Any) -> Any:
        existed = bucket_name in self.backend.buckets
        answer = original(self, request, bucket_name, querystring)
        if not existed and self.body and bucket_name in self.backend.buckets:
            tags = _creation_tags(xmltodict.parse(self.body))
            if tags:
                self.backend.put_bucket_tagging(bucket_name, tags)
        return answer

    return _bucket_response_put


def _abac_set(original: Any) -> Any:
    """Defects: moto has no PutBucketAbac, and a bucket with ABAC takes PutBucketTagging.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAbac.html
    """

    @wraps(original)
    def _bucket_response_put(self: Any, request: Any, bucket_name: str, querystring: Any) -> Any:
        if "abac" in querystring:
            status = xmltodict.parse(self.body)["AbacStatus"].get("Status")
            self.backend.get_bucket(bucket_name).abac = status
            return ""
        on = getattr(self.backend.buckets.get(bucket_name), "abac", None) == "Enabled"
        if on and "tagging" in querystring:
            message = "PutBucketTagging is not supported for a bucket with ABAC enabled."
            raise S3ClientError("InvalidRequest", message)
        return original(self, request, bucket_name, querystring)

    return _bucket_response_put


def _abac_read(original: Any) -> Any:
    """Defect: moto has no GetBucketAbac.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAbac.html
    """

    @wraps(original)
    def _bucket_response_get(self: Any, bucket_name: str, querystring: Any) -> Any:
        if "abac" not in querystring:
            return original(self, bucket_name, querystring)
        status = getattr(self.backend.get_bucket(bucket_name), "abac", "Disabled")
        return f"<AbacStatus><Status>{status}</Status></AbacStatus>"

    return _bucket_response_get


def _creation_tags(body: Mapping[str, Any]) -> dict[str, str]:
    tags = ((body.get("CreateBucketConfiguration") or {}).get("Tags") or {}).get("Tag")
    return {tag["Key"]: tag.get("Value") or "" for tag in _list(tags)}


def _rules_as_given(original: Any) -> Any:
    """Defect: only some fields of a lifecycle rule are kept. Keeps all, for
    ``_rules_given_back``."""

    @wraps(original)
    def set_lifecycle(self: Any, rules: Any) -> None:
        original(self, rules)  # for its validation, and for moto's own use of the rules
        self.smallest_object = smallest_object()
        self.rules_as_given = [
            {**rule, "ID": rule.get("ID") or str(uuid.uuid4())} for rule in rules
        ]

    return set_lifecycle


def smallest_object() -> str:
    """The smallest object that transitions move, as the request in hand says or by default."""
    header = "x-amz-transition-default-minimum-object-size"
    given = request.headers.get(header) if has_request_context() else None
    return given or "all_storage_classes_128K"


def _rules_given_back(original: Any) -> Any:
    """Defects: NewerNoncurrentVersions of an expiration and sizes of objects are not returned."""

    @wraps(original)
    def get_bucket_lifecycle(self: Any) -> Any:
        self.data["Action"] = "GetBucketLifecycleConfiguration"
        bucket = self.backend.get_bucket(self.bucket_name)
        if not bucket.rules:
            raise NoSuchLifecycleConfiguration(bucket_name=self.bucket_name)
        rules = [_rule(rule) for rule in bucket.rules_as_given]
        result = {"Rules": rules, "TransitionDefaultMinimumObjectSize": bucket.smallest_object}
        return self.serialized(ActionResult(result))

    return get_bucket_lifecycle


def _rule(given: Mapping[str, Any]) -> dict[str, Any]:
    """The rule under the names of the API's model instead of those of its XML."""
    rule = {name: given[name] for name in ("ID", "Status") if name in given}
    for name in ("Expiration", "NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"):
        if given.get(name):
            rule[name] = given[name]
    for name in ("Transition", "NoncurrentVersionTransition"):
        if given.get(name):
            rule[f"{name}s"] = _list(given[name])
    if "Prefix" in given:
        rule["Prefix"] = given["Prefix"] or ""
    else:
        rule["Filter"] = _filter(given.get("Filter") or {})
    return rule


def _filter(given: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {name: value for name, value in given.items() if name != "And"}
    if "Prefix" in found:
        found["Prefix"] = found["Prefix"] or ""
    both = given.get("And")
    if both:
        found["And"] = {name: value for name, value in both.items() if name != "Tag"}
        if "Tag" in both:
            found["And"]["Tags"] = _list(both["Tag"])
    return found


def _list(value: Any) -> list[Any]:
    """The elements that xmltodict gives for an element that may occur many times."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]
