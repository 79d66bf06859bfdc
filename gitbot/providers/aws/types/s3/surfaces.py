"""Read and write a bucket's properties: versioning, encryption, lifecycle and so on. Shell.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.model.schema import Removal
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.types.s3.lifecycle import lifecycle_from_s3, lifecycle_to_s3

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

GONE = frozenset({"NoSuchBucket", "404"})
"""The codes for a bucket that does not exist."""
VERSIONING = "VersioningConfiguration"
BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def optional(aws: Connection, operation: str, missing: str, bucket: str) -> Any:
    """The answer of a GET call; None if the bucket lacks the property (code ``missing``)."""
    try:
        return aws.call("s3", operation, Bucket=bucket)
    except CloudError as error:
        if error.code == missing:
            return None
        raise


def is_versioned(aws: Connection, bucket: str) -> bool:
    """Whether the bucket keeps versions of objects."""
    return bool(_read_versioning(aws, bucket) == {"Status": "Enabled"})


def _read_versioning(aws: Connection, bucket: str) -> Any:
    status = aws.call("s3", "get_bucket_versioning", Bucket=bucket).get("Status")
    return {"Status": status} if status else None


def _write_versioning(aws: Connection, bucket: str, value: Any) -> None:
    aws.call("s3", "put_bucket_versioning", Bucket=bucket, VersioningConfiguration=dict(value))


def _read_lifecycle(aws: Connection, bucket: str) -> Any:
    answer = optional(
        aws, "get_bucket_lifecycle_configuration", "NoSuchLifecycleConfiguration", bucket
    )
    return None if answer is None else lifecycle_from_s3(answer)


def _write_lifecycle(aws: Connection, bucket: str, value: Any) -> None:
    if not value or not value["Rules"]:  # S3 refuses an empty list of rules, which means none
        aws.call("s3", "delete_bucket_lifecycle", Bucket=bucket)
        return
    size = value.get("TransitionDefaultMinimumObjectSize")
    aws.call(
        "s3",
        "put_bucket_lifecycle_configuration",
        Bucket=bucket,
        LifecycleConfiguration=lifecycle_to_s3(value),
        **({"TransitionDefaultMinimumObjectSize": size} if size else {}),
    )


def _read_encryption(aws: Connection, bucket: str) -> Any:
    answer = optional(
        aws, "get_bucket_encryption", "ServerSideEncryptionConfigurationNotFoundError", bucket
    )
    if answer is None:
        return None
    rules = answer["ServerSideEncryptionConfiguration"]["Rules"]
    names = {"ApplyServerSideEncryptionByDefault": "ServerSideEncryptionByDefault"}
    return {"ServerSideEncryptionConfiguration": [renamed(rule, names) for rule in rules]}


def _write_encryption(aws: Connection, bucket: str, value: Any) -> None:
    names = {"ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault"}
    rules = [renamed(rule, names) for rule in value["ServerSideEncryptionConfiguration"]]
    aws.call(
        "s3",
        "put_bucket_encryption",
        Bucket=bucket,
        ServerSideEncryptionConfiguration={"Rules": rules},
    )


def _read_public_access(aws: Connection, bucket: str) -> Any:
    answer = optional(
        aws, "get_public_access_block", "NoSuchPublicAccessBlockConfiguration", bucket
    )
    # A bucket without the configuration blocks nothing. A new bucket has it, with everything on.
    block = answer["PublicAccessBlockConfiguration"] if answer else {}
    return {key: bool(block.get(key, False)) for key in BLOCKS}


def _write_public_access(aws: Connection, bucket: str, value: Any) -> None:
    # The call turns off what it does not name, so send what is not declared as it is.
    whole = set(value) >= set(BLOCKS)
    block = dict(value) if whole else _read_public_access(aws, bucket) | dict(value)
    aws.call("s3", "put_public_access_block", Bucket=bucket, PublicAccessBlockConfiguration=block)


_CORS_TO_S3 = {"Id": "ID", "ExposedHeaders": "ExposeHeaders", "MaxAge": "MaxAgeSeconds"}
_CORS_FROM_S3 = {theirs: ours for ours, theirs in _CORS_TO_S3.items()}


def _read_cors(aws: Connection, bucket: str) -> Any:
    answer = optional(aws, "get_bucket_cors", "NoSuchCORSConfiguration", bucket)
    if answer is None:
        return None
    return {"CorsRules": [renamed(rule, _CORS_FROM_S3) for rule in answer["CORSRules"]]}


def _write_cors(aws: Connection, bucket: str, value: Any) -> None:
    rules = [renamed(rule, _CORS_TO_S3) for rule in (value or {}).get("CorsRules", ())]
    if not rules:
        aws.call("s3", "delete_bucket_cors", Bucket=bucket)
        return
    aws.call("s3", "put_bucket_cors", Bucket=bucket, CORSConfiguration={"CORSRules": rules})


def renamed(item: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The map with other names for some of its keys."""
    return {names.get(key, key): value for key, value in item.items()}


BLOCKED = "public access is blocked"
NESTED_REMOVALS = {
    "/BucketEncryption/ServerSideEncryptionConfiguration/*/BucketKeyEnabled": Removal(
        default=False, says="S3 bucket keys are turned off"
    ),
    "/LifecycleConfiguration/TransitionDefaultMinimumObjectSize": Removal(
        default="all_storage_classes_128K", says="objects below 128 KB are not moved"
    ),
}
"""What S3 fills in where the rest of a property is declared without it."""
_ONE = {"minItems": 1}
_NAMED = {"minLength": 1}
LIMITS: Mapping[str, Mapping[str, Any]] = {
    "/BucketEncryption/ServerSideEncryptionConfiguration": {**_ONE, "maxItems": 1},
    "/BucketEncryption/ServerSideEncryptionConfiguration/*": {"minProperties": 1},
    "/CorsConfiguration/CorsRules/*/AllowedMethods": _ONE,
    "/CorsConfiguration/CorsRules/*/AllowedOrigins": _ONE,
    "/CorsConfiguration/CorsRules/*/Id": _NAMED,
    "/LifecycleConfiguration/Rules/*/Id": _NAMED,
    "/LifecycleConfiguration/Rules/*/TagFilters/*/Key": _NAMED,
}
"""What S3 wants beyond the registry's schema."""

SURFACES = (
    Surface(
        property=VERSIONING,
        read=_read_versioning,
        write=_write_versioning,
        removal=Removal(
            default={"Status": "Suspended"},
            says="versioning is suspended; versions that exist are kept",
        ),
    ),
    Surface(
        property="BucketEncryption",
        read=_read_encryption,
        write=_write_encryption,
        removal=Removal(
            default={
                "ServerSideEncryptionConfiguration": [
                    {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
                ]
            },
            says="new objects are encrypted with keys of S3 (SSE-S3)",
        ),
    ),
    Surface(
        property="PublicAccessBlockConfiguration",
        read=_read_public_access,
        write=_write_public_access,
        removal=Removal(default=dict.fromkeys(BLOCKS, True), says=BLOCKED),
    ),
    Surface(
        property="LifecycleConfiguration",
        read=_read_lifecycle,
        write=_write_lifecycle,
        removal=Removal(default=None, says="all lifecycle rules are deleted"),
    ),
    Surface(
        property="CorsConfiguration",
        read=_read_cors,
        write=_write_cors,
        removal=Removal(default=None, says="all CORS rules are deleted"),
    ),
)
