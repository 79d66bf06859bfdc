"""AWS::S3::Bucket and AWS::S3::BucketPolicy over the S3 API. Shell.

AWS::S3::Bucket
    BucketName (generated when absent; replaces), VersioningConfiguration, LifecycleConfiguration
    (days; legacy singular forms are read as their plural ones), BucketEncryption,
    PublicAccessBlockConfiguration, OwnershipControls, CorsConfiguration (MaxAge in seconds), Tags.
    Attributes: Arn, DomainName, DualStackDomainName, RegionalDomainName, WebsiteURL.
    Each property has calls of its own, so only the declared ones are read. An object that is
    deleted must be empty, unless ``lifecycle.emptyOnDelete`` is set.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html

AWS::S3::BucketPolicy
    Bucket (replaces), PolicyDocument (a map or JSON text). A policy carries no tags.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError, ConflictError
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Absent, Found, Observation, Present
from gitbot.model.schema import Removal
from gitbot.ports import Operation, ReadRequest
from gitbot.providers.aws.native import (
    Declaration,
    NativeType,
    Surface,
    read_surfaces,
    write_surfaces,
)
from gitbot.providers.aws.policy_documents import normalised_policy, policy_text
from gitbot.providers.aws.tagging import (
    creation_tags,
    found,
    generated_name,
    tag_changes,
    tag_list,
    tag_map,
)
from gitbot.providers.aws.types.s3_lifecycle import (
    lifecycle_from_s3,
    lifecycle_to_s3,
    normalised_lifecycle,
)
from gitbot.providers.aws.waiting import eventually

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

LONGEST_NAME = 63
GONE = frozenset({"NoSuchBucket", "404"})
NOT_YET = frozenset({"NoSuchBucket", "OperationAborted"})
DASHED_WEBSITES = frozenset(
    [
        "us-east-1",
        "us-west-1",
        "us-west-2",
        "us-gov-west-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-northeast-1",
        "eu-west-1",
        "sa-east-1",
    ]
)
BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def _optional(aws: Connection, operation: str, missing: str, bucket: str) -> Any:
    try:
        return aws.call("s3", operation, Bucket=bucket)
    except CloudError as error:
        if error.code == missing:
            return None
        raise


# --- the surfaces --------------------------------------------------------------------------------


def _read_versioning(aws: Connection, bucket: str) -> Any:
    status = aws.call("s3", "get_bucket_versioning", Bucket=bucket).get("Status")
    return {"Status": status} if status else None


def _write_versioning(aws: Connection, bucket: str, value: Any) -> None:
    aws.call("s3", "put_bucket_versioning", Bucket=bucket, VersioningConfiguration=dict(value))


def _read_lifecycle(aws: Connection, bucket: str) -> Any:
    answer = _optional(
        aws, "get_bucket_lifecycle_configuration", "NoSuchLifecycleConfiguration", bucket
    )
    return None if answer is None else lifecycle_from_s3(answer)


def _write_lifecycle(aws: Connection, bucket: str, value: Any) -> None:
    if not value["Rules"]:  # S3 refuses an empty set of rules; it means none
        _delete_lifecycle(aws, bucket)
        return
    size = value.get("TransitionDefaultMinimumObjectSize")
    aws.call(
        "s3",
        "put_bucket_lifecycle_configuration",
        Bucket=bucket,
        LifecycleConfiguration=lifecycle_to_s3(value),
        **({"TransitionDefaultMinimumObjectSize": size} if size else {}),
    )


def _delete_lifecycle(aws: Connection, bucket: str) -> None:
    aws.call("s3", "delete_bucket_lifecycle", Bucket=bucket)


def _read_encryption(aws: Connection, bucket: str) -> Any:
    answer = _optional(
        aws, "get_bucket_encryption", "ServerSideEncryptionConfigurationNotFoundError", bucket
    )
    if answer is None:
        return None
    rules = answer["ServerSideEncryptionConfiguration"]["Rules"]
    names = {"ApplyServerSideEncryptionByDefault": "ServerSideEncryptionByDefault"}
    return {"ServerSideEncryptionConfiguration": [_renamed(rule, names) for rule in rules]}


def _write_encryption(aws: Connection, bucket: str, value: Any) -> None:
    names = {"ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault"}
    rules = [_renamed(rule, names) for rule in value["ServerSideEncryptionConfiguration"]]
    aws.call(
        "s3",
        "put_bucket_encryption",
        Bucket=bucket,
        ServerSideEncryptionConfiguration={"Rules": rules},
    )


def _read_public_access(aws: Connection, bucket: str) -> Any:
    answer = _optional(
        aws, "get_public_access_block", "NoSuchPublicAccessBlockConfiguration", bucket
    )
    # An object without the configuration blocks nothing; a new bucket has it, with everything on.
    block = answer["PublicAccessBlockConfiguration"] if answer else {}
    return {key: bool(block.get(key, False)) for key in BLOCKS}


def _write_public_access(aws: Connection, bucket: str, value: Any) -> None:
    # The call turns off whatever it does not name, so what is not declared is sent as it is.
    whole = set(value) >= set(BLOCKS)
    block = dict(value) if whole else _read_public_access(aws, bucket) | dict(value)
    aws.call("s3", "put_public_access_block", Bucket=bucket, PublicAccessBlockConfiguration=block)


def _read_ownership(aws: Connection, bucket: str) -> Any:
    answer = _optional(
        aws, "get_bucket_ownership_controls", "OwnershipControlsNotFoundError", bucket
    )
    return None if answer is None else {"Rules": answer["OwnershipControls"]["Rules"]}


def _write_ownership(aws: Connection, bucket: str, value: Any) -> None:
    aws.call(
        "s3",
        "put_bucket_ownership_controls",
        Bucket=bucket,
        OwnershipControls={"Rules": [dict(rule) for rule in value["Rules"]]},
    )


_CORS_TO_S3 = {"Id": "ID", "ExposedHeaders": "ExposeHeaders", "MaxAge": "MaxAgeSeconds"}
_CORS_FROM_S3 = {theirs: ours for ours, theirs in _CORS_TO_S3.items()}


def _read_cors(aws: Connection, bucket: str) -> Any:
    answer = _optional(aws, "get_bucket_cors", "NoSuchCORSConfiguration", bucket)
    if answer is None:
        return None
    return {"CorsRules": [_renamed(rule, _CORS_FROM_S3) for rule in answer["CORSRules"]]}


def _write_cors(aws: Connection, bucket: str, value: Any) -> None:
    rules = [_renamed(rule, _CORS_TO_S3) for rule in value["CorsRules"]]
    if not rules:
        _delete_cors(aws, bucket)
        return
    aws.call("s3", "put_bucket_cors", Bucket=bucket, CORSConfiguration={"CORSRules": rules})


def _delete_cors(aws: Connection, bucket: str) -> None:
    aws.call("s3", "delete_bucket_cors", Bucket=bucket)


def _renamed(item: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(key, key): value for key, value in item.items()}


SURFACES: Mapping[str, Surface] = {
    surface.property: surface
    for surface in (
        Surface(property="VersioningConfiguration", read=_read_versioning, write=_write_versioning),
        Surface(property="BucketEncryption", read=_read_encryption, write=_write_encryption),
        Surface(
            property="PublicAccessBlockConfiguration",
            read=_read_public_access,
            write=_write_public_access,
        ),
        Surface(property="OwnershipControls", read=_read_ownership, write=_write_ownership),
        Surface(
            property="LifecycleConfiguration",
            read=_read_lifecycle,
            write=_write_lifecycle,
            delete=_delete_lifecycle,
        ),
        Surface(
            property="CorsConfiguration", read=_read_cors, write=_write_cors, delete=_delete_cors
        ),
    )
}


# --- the bucket ----------------------------------------------------------------------------------


class BucketHandler:
    """Buckets; see ``native.Handler``."""

    def read(
        self, aws: Connection, requests: Sequence[ReadRequest]
    ) -> Mapping[Address, Observation]:
        observed = aws.each(lambda request: self._read_one(aws, request), requests)
        return {request.address: one for request, one in zip(requests, observed, strict=True)}

    def _read_one(self, aws: Connection, request: ReadRequest) -> Observation:
        bucket = str(request.remote_id)
        try:
            properties = read_surfaces(aws, bucket, SURFACES, request.surfaces)
            if "Tags" in request.surfaces:
                properties["Tags"] = tag_list(_tags(aws, bucket))
            elif not request.surfaces & set(SURFACES):
                aws.call("s3", "head_bucket", Bucket=bucket)
        except CloudError as error:
            if error.code in GONE:
                return Absent()
            raise
        return Present(
            remote_id=request.remote_id, properties=properties | _attributes(aws, bucket)
        )

    def create(self, aws: Connection, operation: Operation) -> RemoteId:
        bucket = _bucket_name(operation)
        # S3 answers 200 to CreateBucket for one's own bucket in us-east-1, so look first.
        present = self.find(aws, operation)
        if present is None:
            configuration: dict[str, Any] = {"Tags": tag_list(creation_tags(operation))}
            if aws.region != "us-east-1":
                configuration["LocationConstraint"] = aws.region
            try:
                aws.call(
                    "s3",
                    "create_bucket",
                    Bucket=bucket,
                    CreateBucketConfiguration={k: v for k, v in configuration.items() if v},
                )
            except CloudError as error:
                if error.code not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
                    raise
                present = self.find(aws, operation) or found(bucket, {})
        if present is not None and present.operation != operation.token:
            raise ConflictError(
                f"{operation.address}: a bucket named {bucket} exists already. Names of buckets are "
                "shared by all AWS accounts: choose another, or, if it is yours, take it over with "
                f"`lifecycle: {{import: {bucket}}}`."
            )
        return RemoteId(bucket)

    def settle(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        def follow_up() -> None:
            _put_tags(aws, remote_id, put=creation_tags(operation))
            write_surfaces(
                aws, remote_id, SURFACES, operation.properties, write=frozenset(SURFACES)
            )

        eventually(follow_up, codes=NOT_YET, deadline=operation.deadline)

    def update(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        def change() -> None:
            write_surfaces(
                aws,
                remote_id,
                SURFACES,
                operation.properties,
                write=operation.changed,
                delete=operation.removed,
            )
            if "Tags" in operation.changed | operation.removed:
                changes = tag_changes(operation)
                _put_tags(aws, remote_id, put=changes.put, remove=changes.remove)

        eventually(change, codes={"OperationAborted"}, deadline=operation.deadline)

    def delete(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        while True:
            try:
                eventually(
                    lambda: aws.call("s3", "delete_bucket", Bucket=remote_id),
                    codes={"OperationAborted"},
                    deadline=operation.deadline,
                )
            except CloudError as error:
                if error.code in GONE:
                    return
                if error.code != "BucketNotEmpty":
                    raise
                _empty_or_refuse(aws, operation, remote_id)
            else:
                return

    def find(self, aws: Connection, operation: Operation) -> Found | None:
        bucket = _bucket_name(operation)
        try:
            aws.call("s3", "head_bucket", Bucket=bucket)
        except CloudError as error:
            if error.code in GONE:
                return None
            if error.code in ("403", "301"):  # somebody else's, or in another region
                return found(bucket, {})
            raise
        return found(bucket, _tags(aws, bucket))

    def adopt(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        _put_tags(aws, remote_id, put=operation.ownership)


def _bucket_name(operation: Operation) -> str:
    return str(operation.properties.get("BucketName") or generated_name(operation, LONGEST_NAME))


def _attributes(aws: Connection, bucket: str) -> dict[str, Any]:
    suffix = "amazonaws.com.cn" if aws.partition == "aws-cn" else "amazonaws.com"
    website = "-" if aws.region in DASHED_WEBSITES else "."
    return {
        "BucketName": bucket,
        "Arn": f"arn:{aws.partition}:s3:::{bucket}",
        "DomainName": f"{bucket}.s3.{suffix}",
        "DualStackDomainName": f"{bucket}.s3.dualstack.{aws.region}.{suffix}",
        "RegionalDomainName": f"{bucket}.s3.{aws.region}.{suffix}",
        "WebsiteURL": f"http://{bucket}.s3-website{website}{aws.region}.{suffix}",
    }


def _tags(aws: Connection, bucket: str) -> dict[str, str]:
    answer = _optional(aws, "get_bucket_tagging", "NoSuchTagSet", bucket)
    return tag_map(answer["TagSet"]) if answer else {}


def _put_tags(
    aws: Connection, bucket: str, *, put: Mapping[str, str], remove: Sequence[str] = ()
) -> None:
    # The call replaces the whole set: what others have put there is sent along.
    observed = _tags(aws, bucket)
    wanted = {key: value for key, value in observed.items() if key not in remove} | dict(put)
    if wanted == observed:
        return
    if wanted:
        aws.call("s3", "put_bucket_tagging", Bucket=bucket, Tagging={"TagSet": tag_list(wanted)})
    else:
        aws.call("s3", "delete_bucket_tagging", Bucket=bucket)


def _empty_or_refuse(aws: Connection, operation: Operation, bucket: str) -> None:
    if not operation.empty_on_delete:
        raise CloudError(
            f"bucket {bucket} is not empty and was left as it is. Empty it, or set "
            "`lifecycle: {emptyOnDelete: true}` on the resource and apply that first.",
            code="BucketNotEmpty",
        )
    for batch in _batches(_versions(aws, bucket), 1000):
        answer = aws.call(
            "s3", "delete_objects", Bucket=bucket, Delete={"Objects": batch, "Quiet": True}
        )
        if errors := answer.get("Errors"):
            raise CloudError(
                f"bucket {bucket} cannot be emptied: {len(errors)} objects were refused, the first "
                f"is {errors[0].get('Key')}: {errors[0].get('Message')}",
                code=str(errors[0].get("Code", "")),
            )
        _check_time(operation.deadline, bucket)
    for upload in aws.pages("s3", "list_multipart_uploads", "Uploads", Bucket=bucket):
        aws.call(
            "s3",
            "abort_multipart_upload",
            Bucket=bucket,
            Key=upload["Key"],
            UploadId=upload["UploadId"],
        )


def _check_time(deadline: datetime, bucket: str) -> None:
    if time.time() > deadline.timestamp():
        raise CloudError(
            f"bucket {bucket} was not empty in time; what was deleted stays deleted. Apply again to "
            "go on.",
            code="Timeout",
        )


def _versions(aws: Connection, bucket: str) -> Iterator[dict[str, str]]:
    for kind in ("Versions", "DeleteMarkers"):
        for version in aws.pages("s3", "list_object_versions", kind, Bucket=bucket):
            yield {"Key": version["Key"], "VersionId": version["VersionId"]}


def _batches(items: Iterator[dict[str, str]], size: int) -> Iterator[list[dict[str, str]]]:
    while batch := list(islice(items, size)):
        yield batch


# --- the bucket policy ---------------------------------------------------------------------------


class BucketPolicyHandler:
    """Bucket policies; see ``native.Handler``. Their natural key is the bucket."""

    def read(
        self, aws: Connection, requests: Sequence[ReadRequest]
    ) -> Mapping[Address, Observation]:
        policies = aws.each(lambda request: _policy(aws, request.remote_id), requests)
        return {
            request.address: (
                Absent()
                if policy is None
                else Present(
                    remote_id=request.remote_id,
                    properties={
                        "Bucket": str(request.remote_id),
                        "PolicyDocument": normalised_policy(policy),
                    },
                )
            )
            for request, policy in zip(requests, policies, strict=True)
        }

    def create(self, aws: Connection, operation: Operation) -> RemoteId:
        bucket = str(operation.properties["Bucket"])
        document = operation.properties["PolicyDocument"]
        present = _policy(aws, bucket)
        if present is not None and normalised_policy(present) != normalised_policy(document):
            raise ConflictError(
                f"{operation.address}: bucket {bucket} has another policy already. Take it over "
                f"with `lifecycle: {{import: {bucket}}}`."
            )
        self._put(aws, operation, bucket)
        return RemoteId(bucket)

    def settle(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        """The policy is complete once it is created."""

    def update(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        self._put(aws, operation, remote_id)

    def _put(self, aws: Connection, operation: Operation, bucket: str) -> None:
        text = policy_text(operation.properties["PolicyDocument"])
        put: Callable[[], Any] = lambda: aws.call(  # noqa: E731 - tried twice below
            "s3", "put_bucket_policy", Bucket=bucket, Policy=text
        )
        # A role that was made a moment ago is "Invalid principal" until S3 has heard of it.
        eventually(
            lambda: eventually(put, codes=NOT_YET, deadline=operation.deadline),
            codes={"MalformedPolicy"},
            containing="rincipal",
            within_s=30.0,
            deadline=operation.deadline,
        )

    def delete(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        try:
            aws.call("s3", "delete_bucket_policy", Bucket=remote_id)
        except CloudError as error:
            if error.code not in GONE | {"NoSuchBucketPolicy"}:
                raise

    def find(self, aws: Connection, operation: Operation) -> Found | None:
        bucket = str(operation.properties["Bucket"])
        return None if _policy(aws, bucket) is None else found(bucket, {})

    def adopt(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        """A policy takes no tags."""


def _policy(aws: Connection, bucket: str) -> str | None:
    try:
        answer = _optional(aws, "get_bucket_policy", "NoSuchBucketPolicy", bucket)
    except CloudError as error:
        if error.code in GONE:
            return None
        raise
    return str(answer["Policy"]) if answer else None


# --- declarations --------------------------------------------------------------------------------


def normalise_bucket(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """The bucket's properties as they are compared."""
    if "LifecycleConfiguration" not in properties:
        return properties
    return {
        **properties,
        "LifecycleConfiguration": normalised_lifecycle(properties["LifecycleConfiguration"]),
    }


def normalise_bucket_policy(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """The bucket policy's properties as they are compared."""
    if "PolicyDocument" not in properties:
        return properties
    return {**properties, "PolicyDocument": normalised_policy(properties["PolicyDocument"])}


_BLOCKED = "public access is blocked"
BUCKET = NativeType(
    declaration=Declaration(
        name="AWS::S3::Bucket",
        handled=frozenset({"/BucketName", "/Tags", *(f"/{name}" for name in SURFACES)}),
        create_only=("/BucketName",),
        identities={
            "/LifecycleConfiguration/Rules": ("Id",),
            "/LifecycleConfiguration/Rules/*/TagFilters": ("Key",),
        },
        sets=frozenset({"/LifecycleConfiguration/Rules"}),
        removals={
            "/VersioningConfiguration": Removal(
                default={"Status": "Suspended"},
                says="versioning is suspended; versions that exist are kept",
            ),
            "/LifecycleConfiguration": Removal(
                default=None, says="all lifecycle rules are deleted"
            ),
            "/CorsConfiguration": Removal(default=None, says="all CORS rules are deleted"),
            "/BucketEncryption": Removal(
                default={
                    "ServerSideEncryptionConfiguration": [
                        {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
                    ]
                },
                says="new objects are encrypted with keys of S3 (SSE-S3)",
            ),
            "/PublicAccessBlockConfiguration": Removal(
                default=dict.fromkeys(BLOCKS, True), says=_BLOCKED
            ),
            **{
                f"/PublicAccessBlockConfiguration/{key}": Removal(default=True, says=_BLOCKED)
                for key in BLOCKS
            },
            "/OwnershipControls": Removal(
                default={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
                says="the bucket's owner owns all objects and ACLs are off (BucketOwnerEnforced)",
            ),
            "/Tags": Removal(default=None, says="the tags are deleted"),
        },
        normalise=normalise_bucket,
        natural_key="BucketName",
        stateful=True,
    ),
    handler=BucketHandler(),
)
BUCKET_POLICY = NativeType(
    declaration=Declaration(
        name="AWS::S3::BucketPolicy",
        handled=frozenset({"/Bucket", "/PolicyDocument"}),
        normalise=normalise_bucket_policy,
        natural_key="Bucket",
    ),
    handler=BucketPolicyHandler(),
)
