"""Read and write a bucket's canned ACL and the ownership of its objects. Shell.

S3 refuses ACLs while the bucket's owner owns all objects, and that ownership while an ACL grants
anything to others.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gitbot.model.schema import Removal
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.types.s3.surfaces import optional

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

_GROUPS = "http://acs.amazonaws.com/groups/"
_ALL, _SIGNED_IN = f"{_GROUPS}global/AllUsers", f"{_GROUPS}global/AuthenticatedUsers"
_LOGS = f"{_GROUPS}s3/LogDelivery"
_GRANTS: Mapping[frozenset[tuple[str, str]], str] = {
    frozenset(): "Private",
    frozenset({(_ALL, "READ")}): "PublicRead",
    frozenset({(_ALL, "READ"), (_ALL, "WRITE")}): "PublicReadWrite",
    frozenset({(_SIGNED_IN, "READ")}): "AuthenticatedRead",
    frozenset({(_LOGS, "WRITE"), (_LOGS, "READ_ACP")}): "LogDeliveryWrite",
}
_CANNED = {
    "Private": "private",
    "PublicRead": "public-read",
    "PublicReadWrite": "public-read-write",
    "AuthenticatedRead": "authenticated-read",
    "LogDeliveryWrite": "log-delivery-write",
}


def normalised_acl(value: Any) -> Any:
    """The form for comparison: what speaks of objects says nothing of a bucket."""
    return "Private" if value in ("BucketOwnerRead", "BucketOwnerFullControl") else value


def _read_acl(aws: Connection, bucket: str) -> Any:
    grants = aws.call("s3", "get_bucket_acl", Bucket=bucket).get("Grants", ())
    others = frozenset(
        (one["Grantee"]["URI"], one["Permission"]) for one in grants if "URI" in one["Grantee"]
    )
    return _GRANTS.get(others, "Other")


def _write_acl(aws: Connection, bucket: str, value: Any) -> None:
    wanted = normalised_acl(value or "Private")
    if wanted != _read_acl(aws, bucket):
        aws.call("s3", "put_bucket_acl", Bucket=bucket, ACL=_CANNED[wanted])


def _read_ownership(aws: Connection, bucket: str) -> Any:
    answer = optional(
        aws, "get_bucket_ownership_controls", "OwnershipControlsNotFoundError", bucket
    )
    return None if answer is None else {"Rules": answer["OwnershipControls"]["Rules"]}


def _write_ownership(aws: Connection, bucket: str, value: Any) -> None:
    rules = [dict(rule) for rule in value["Rules"]]
    if rules[0]["ObjectOwnership"] == "BucketOwnerEnforced":
        _write_acl(aws, bucket, "Private")
    aws.call(
        "s3", "put_bucket_ownership_controls", Bucket=bucket, OwnershipControls={"Rules": rules}
    )


_OPEN = {"properties": {"AccessControl": {"not": {"pattern": "^(Private|BucketOwner)"}}}}
LIMITS: Mapping[str, Mapping[str, Any]] = {
    "": {
        "allOf": [
            {
                "if": {**_OPEN, "required": ["AccessControl"]},
                "then": {"required": ["OwnershipControls"]},
            }
        ]
    },
    # A grant to the EC2 service of old, which no call can tell from a grant to a person.
    "/AccessControl": {"enum": [*_CANNED, "BucketOwnerRead", "BucketOwnerFullControl"]},
    "/OwnershipControls/Rules": {"minItems": 1, "maxItems": 1},
    "/OwnershipControls/Rules/*": {"required": ["ObjectOwnership"]},
}
SURFACES = (
    Surface(
        property="OwnershipControls",
        read=_read_ownership,
        write=_write_ownership,
        removal=Removal(
            default={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            says="the bucket's owner owns all objects and ACLs are off (BucketOwnerEnforced)",
        ),
    ),
    Surface(
        property="AccessControl",
        read=_read_acl,
        write=_write_acl,
        removal=Removal(default="Private", says="only the bucket's owner has access by ACL"),
    ),
)
