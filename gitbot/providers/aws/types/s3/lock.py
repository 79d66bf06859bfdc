"""Read and write how a bucket keeps versions of objects from being deleted (Object Lock). Shell.

It can be turned on for any bucket with versions, and never off again; a new bucket with it gets versions by itself. A default retention counts for new versions.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectLockConfiguration.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gitbot.model.cautions import Caution, Turn
from gitbot.model.schema import Removal
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.types.s3.surfaces import VERSIONING, optional

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

NAME, SWITCH, _RETENTION = "ObjectLockConfiguration", "ObjectLockEnabled", "DefaultRetention"
_MISSING = "ObjectLockConfigurationNotFoundError"
_HOLD = "DefaultEventHold"
"""Not handled: what somebody has set by hand stays."""
_PARTS = ("Mode", "Days", "Years")
HANDLED = (
    f"/{NAME}/{SWITCH}",
    *(f"/{NAME}/Rule/{_RETENTION}/{name}" for name in _PARTS),
)


def is_locked(aws: Connection, bucket: str) -> bool:
    """Whether Object Lock is on for the bucket."""
    return _configuration(aws, bucket).get(SWITCH) == "Enabled"


def locks(properties: Mapping[str, Any]) -> bool:
    """Whether a bucket with these properties is made with Object Lock on."""
    return bool(properties.get(SWITCH) or properties.get(NAME))


def _configuration(aws: Connection, bucket: str) -> dict[str, Any]:
    answer = optional(aws, "get_object_lock_configuration", _MISSING, bucket) or {}
    return dict(answer.get(NAME) or {})


def _read_rule(aws: Connection, bucket: str) -> Any:
    told = _configuration(aws, bucket)
    if not told:
        return None
    known = {name: one for name, one in _retention(told).items() if name != _HOLD}
    return {SWITCH: told[SWITCH], **_rule(known)}


def _write_switch(aws: Connection, bucket: str, value: Any) -> None:
    if value and not is_locked(aws, bucket):
        _put(aws, bucket, {})


def _write_rule(aws: Connection, bucket: str, value: Any) -> None:
    had = _configuration(aws, bucket)
    if value is None and not had:
        return
    holds = {name: one for name, one in _retention(had).items() if name == _HOLD}
    _put(aws, bucket, {**holds, **_retention(value or {})})


def _retention(configuration: Mapping[str, Any]) -> dict[str, Any]:
    return dict((configuration.get("Rule") or {}).get(_RETENTION) or {})


def _put(aws: Connection, bucket: str, retention: Mapping[str, Any]) -> None:
    """Turn Object Lock on with this default retention; an empty one: none."""
    sent = {SWITCH: "Enabled", **_rule(retention)}
    aws.call("s3", "put_object_lock_configuration", Bucket=bucket, ObjectLockConfiguration=sent)


def _rule(retention: Mapping[str, Any]) -> dict[str, Any]:
    return {"Rule": {_RETENTION: dict(retention)}} if retention else {}


_UNRETAINED = "new versions get no retention of their own; what versions have stays"
_NO_RULE = Removal(default={SWITCH: "Enabled", "Rule": None}, says=_UNRETAINED)
REMOVALS = {
    f"/{NAME}/{SWITCH}": Removal(default="Enabled", says="Object Lock stays on"),
    f"/{NAME}/Rule": Removal(default=None, says=_UNRETAINED),
}
_FOR_GOOD = "Object Lock can never be turned off again: no version that is retained can be deleted before its time."
CAUTIONS = (
    Caution(made=True, says=_FOR_GOOD, where=f"/{SWITCH}", begins=("True",)),
    Caution(made=True, says=_FOR_GOOD, where=f"/{NAME}", begins=("{",)),
    Caution(says=_FOR_GOOD, changed=f"/{SWITCH}", turn=Turn.SET),
    Caution(says=_FOR_GOOD, changed=f"/{NAME}/{SWITCH}", turn=Turn.SET),
)
_NEVER_OFF = {
    "if": {
        "anyOf": [
            {"required": [NAME]},
            {"required": [SWITCH], "properties": {SWITCH: {"const": True}}},
        ]
    },
    "then": {
        "properties": {
            SWITCH: {"const": True},
            VERSIONING: {"properties": {"Status": {"const": "Enabled"}}},
        }
    },
}
_AT_LEAST_ONE = {"minimum": 1}
LIMITS: Mapping[str, Mapping[str, Any]] = {
    "": {"allOf": [_NEVER_OFF]},
    f"/{NAME}/Rule": {"required": [_RETENTION]},
    f"/{NAME}/Rule/{_RETENTION}": {"required": ["Mode"], "requiredXor": ["Days", "Years"]},
    f"/{NAME}/Rule/{_RETENTION}/Days": _AT_LEAST_ONE,
    f"/{NAME}/Rule/{_RETENTION}/Years": _AT_LEAST_ONE,
}
SURFACES = (
    # Both need versioning, which surfaces before these have set.
    Surface(property=SWITCH, read=is_locked, write=_write_switch),
    Surface(property=NAME, read=_read_rule, write=_write_rule, removal=_NO_RULE),
)
