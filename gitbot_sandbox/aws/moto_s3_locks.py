"""Let Object Lock of buckets be as S3 has it. Shell.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectLockConfiguration.html
"""

from __future__ import annotations

from functools import wraps
from typing import Any

import xmltodict  # type: ignore[import-untyped]
from moto.core.responses import ActionResult
from moto.s3.exceptions import (
    InvalidBucketState,
    LockNotEnabled,
    ObjectLockConfigurationNotFoundError,
    S3ClientError,
)
from moto.s3.models import S3Backend
from moto.s3.responses import S3Response

from gitbot_sandbox.aws.moto_patch import wrap


def patch() -> None:
    """Make the patches of this module."""
    wrap(S3Backend, "put_object_lock_configuration", _also_with_objects)
    wrap(S3Backend, "put_bucket_versioning", _versions_never_end)
    wrap(S3Response, "_process_lock_config_from_body", _only_held)
    wrap(S3Response, "_bucket_response_put", _hold_kept)
    wrap(S3Response, "get_object_lock_configuration", _rule_as_given)
    wrap(S3Response, "_key_response_get", _retention_told)


def _also_with_objects(original: Any) -> Any:
    """Defect: a bucket with objects in it cannot get Object Lock, nor another default retention."""

    @wraps(original)
    def put_object_lock_configuration(self: Any, bucket_name: str, *args: Any) -> None:
        bucket = self.get_bucket(bucket_name)
        keys = bucket.keys
        bucket.keys = type(keys)()
        try:
            original(self, bucket_name, *args)
        finally:
            bucket.keys = keys

    return put_object_lock_configuration


_LOCKED = "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed."
_REPLICATED = (
    "A replication configuration is present on this bucket, so you cannot change the versioning state. "
    "To change the versioning state, first delete the replication configuration."
)


def _versions_never_end(original: Any) -> Any:
    """Defect: versioning of a bucket with Object Lock, or with replication, can be suspended.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-requirements.html
    """

    @wraps(original)
    def put_bucket_versioning(self: Any, bucket_name: str, status: str) -> None:
        if status != "Enabled" and self.get_bucket(bucket_name).object_lock_enabled:
            raise InvalidBucketState(_LOCKED)
        if status != "Enabled" and self.get_bucket_replication(bucket_name):
            raise InvalidBucketState(_REPLICATED)
        original(self, bucket_name, status)

    return put_bucket_versioning


def _only_held(original: Any) -> Any:
    """Defect: a rule with a default event hold alone is refused."""

    @wraps(original)
    def _process_lock_config_from_body(self: Any) -> Any:
        if _retention(self.body).keys() == {"DefaultEventHold"}:
            return {"enabled": True}
        return original(self)

    return _process_lock_config_from_body


def _hold_kept(original: Any) -> Any:
    """Defect: the default event hold of a rule is dropped."""

    @wraps(original)
    def _bucket_response_put(self: Any, request: Any, bucket_name: str, querystring: Any) -> Any:
        answer = original(self, request, bucket_name, querystring)
        if "object-lock" in querystring:
            hold = _retention(self.body).get("DefaultEventHold") or {}
            given = {unit: int(number) for unit, number in hold.items()}
            self.backend.get_bucket(bucket_name).event_hold = given
        return answer

    return _bucket_response_put


def _retention(body: Any) -> dict[str, Any]:
    rule = xmltodict.parse(body)["ObjectLockConfiguration"].get("Rule") or {}
    return dict(rule.get("DefaultRetention") or {})


def _retention_told(original: Any) -> Any:
    """Defect: the content of an object is the answer to the question for its retention.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectRetention.html
    """

    @wraps(original)
    def _key_response_get(self: Any, query: Any, key_name: str) -> Any:
        if "retention" not in query:
            return original(self, query, key_name)
        if not self.backend.get_bucket(self.bucket_name).object_lock_enabled:
            raise LockNotEnabled
        key, _ = self._get_key()
        if not key.lock_mode or not key.lock_until:
            raise S3ClientError(
                "NoSuchObjectLockConfiguration",
                "The specified object does not have a ObjectLock configuration",
            )
        self.data["Action"] = "GetObjectRetention"
        told = {"Mode": key.lock_mode, "RetainUntilDate": key.lock_until}
        return self.serialized(ActionResult({"Retention": told}))

    return _key_response_get


def _rule_as_given(original: Any) -> Any:
    """Defect: a retention in days is told with zero years, and one in years with zero days."""

    @wraps(original)
    def get_object_lock_configuration(self: Any) -> Any:
        bucket = self.backend.get_bucket(self.bucket_name)
        if not bucket.object_lock_enabled:
            raise ObjectLockConfigurationNotFoundError
        told = {
            "Mode": bucket.default_lock_mode,
            "Days": bucket.default_lock_days,
            "Years": bucket.default_lock_years,
            "DefaultEventHold": getattr(bucket, "event_hold", None),
        }
        retention = {name: value for name, value in told.items() if value}
        rule = {"Rule": {"DefaultRetention": retention}} if retention else {}
        self.data["Action"] = "GetObjectLockConfiguration"
        answer = {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", **rule}}
        return self.serialized(ActionResult(answer))

    return get_object_lock_configuration
