"""AWS::S3::Bucket over the S3 API. Shell.

BucketName (generated when absent; replaces), VersioningConfiguration, LifecycleConfiguration
(days; legacy singular forms are read as their plural ones), BucketEncryption,
PublicAccessBlockConfiguration, OwnershipControls, AccessControl (a canned ACL), CorsConfiguration
(MaxAge in seconds), ObjectLockEnabled (never turned off again), ObjectLockConfiguration (without
DefaultEventHold; removed: no default retention), AccelerateConfiguration,
WebsiteConfiguration, LoggingConfiguration, IntelligentTieringConfigurations,
InventoryConfigurations, NotificationConfiguration, ReplicationConfiguration, Tags.
Attributes: Arn, DomainName, DualStackDomainName, RegionalDomainName, WebsiteURL.
Each property has calls of its own, so only the declared ones are read. A bucket that is
deleted must be empty, unless ``lifecycle.emptyOnDelete`` is set.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError, ConflictError
from gitbot.model.cloud import Operation
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Absent, Found, Observation, Present, ReadRequest
from gitbot.model.schema import Removal
from gitbot.model.tags import LINEAGE_TAG
from gitbot.providers.aws.believing import believed_tags, remembered
from gitbot.providers.aws.native import Declaration, Index, NativeType
from gitbot.providers.aws.plain import INDEX
from gitbot.providers.aws.refining import refining, together
from gitbot.providers.aws.rights import Rights
from gitbot.providers.aws.surfaces import (
    TAGS_REMOVAL,
    declared,
    read_surfaces,
    removals_of,
    write_surfaces,
)
from gitbot.providers.aws.tagging import (
    STRICT_TAGS,
    Marks,
    creation_tags,
    found,
    generated_name,
    is_generated,
    ownership_in,
    tag_changes,
    tag_list,
    tag_map,
)
from gitbot.providers.aws.types.s3 import lock
from gitbot.providers.aws.types.s3.emptying import empty_or_refuse, why_not_empty
from gitbot.providers.aws.types.s3.properties import (
    HANDLED,
    IDENTITIES,
    PARTIAL,
    READS,
    REFINE,
    SETS,
    SURFACES,
    normalise_bucket,
)
from gitbot.providers.aws.types.s3.surfaces import (
    BLOCKED,
    BLOCKS,
    GONE,
    NESTED_REMOVALS,
    optional,
)
from gitbot.providers.aws.waiting import wait_until

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

LONGEST_NAME = 63
_INSTEAD = "bucket-"
"""Comes before generated names that S3 keeps for itself."""
_KEPT_NAMES = r"^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$"
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""
MOVED = frozenset({"301", "PermanentRedirect", "IllegalLocationConstraintException"})
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


class BucketHandler:
    """Buckets; see ``native.Handler``."""

    def read(
        self, aws: Connection, requests: Sequence[ReadRequest]
    ) -> Mapping[Address, Observation]:
        known = {_arn(aws, name): one for name, one in remembered(requests).items()}
        believed = believed_tags(aws, "Tags", known)
        observed = aws.each(lambda request: self._read_one(aws, request, believed), requests)
        return {request.address: one for request, one in zip(requests, observed, strict=True)}

    def _read_one(
        self, aws: Connection, request: ReadRequest, believed: Mapping[str, list[dict[str, str]]]
    ) -> Observation:
        bucket = str(request.remote_id)
        try:
            _refuse_elsewhere(aws, bucket)
            properties = read_surfaces(aws, bucket, SURFACES, request.surfaces)
            tags = believed.get(_arn(aws, bucket)) or tag_list(_tags(aws, bucket))
            if "Tags" in request.surfaces:
                properties["Tags"] = tags
        except CloudError as error:
            if error.code in GONE:
                return Absent()
            elsewhere = " It lives in another region." if error.code in MOVED else ""
            raise CloudError(f"bucket {bucket}: {error}{elsewhere}", code=error.code) from error
        own = ownership_in(tags)
        return Present(
            remote_id=request.remote_id,
            properties=properties | _attributes(aws, bucket),
            ownership=own,
            unmarked=LINEAGE_TAG not in own,
        )

    def create(self, aws: Connection, operation: Operation) -> RemoteId:
        bucket = _bucket_name(operation)
        # In us-east-1, CreateBucket succeeds for a bucket that we own already, so look first.
        present = self.find(aws, operation) if operation.asked else None
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
                    **_locked(operation),
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
        _put_tags(aws, remote_id, put=creation_tags(operation))
        properties = operation.properties
        write_surfaces(aws, remote_id, SURFACES, properties, declared(properties))

    def update(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        touched = operation.changed | operation.removed
        write_surfaces(aws, remote_id, SURFACES, operation.properties, touched)
        if "Tags" in touched:
            changes = tag_changes(operation)
            _put_tags(aws, remote_id, put=changes.put, remove=changes.remove)

    def delete(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        rounds: list[int] = []

        def is_gone() -> bool:
            try:
                aws.call("s3", "delete_bucket", Bucket=remote_id)
            except CloudError as error:
                if error.code in GONE:
                    return True
                if error.code != "BucketNotEmpty":
                    raise
                rounds.append(empty_or_refuse(aws, operation, remote_id))
                return False
            return True

        wait_until(
            f"bucket {remote_id} to be empty",
            is_gone,
            operation,
            aws.clock,
            lambda: why_not_empty(rounds),
        )

    def find(self, aws: Connection, operation: Operation) -> Found | None:
        bucket = _bucket_name(operation)
        try:
            _refuse_elsewhere(aws, bucket)
        except CloudError as error:
            if error.code in GONE:
                return None
            if error.code in {"403", *MOVED}:  # somebody else's, or in another region
                return found(bucket, {})
            raise
        return found(bucket, _tags(aws, bucket))

    def tagged(self, aws: Connection, marks: Marks) -> Iterator[Found]:
        """The buckets whose names may have been generated for these addresses."""
        for one in aws.call("s3", "list_buckets").get("Buckets", ()):
            bucket = one["Name"]
            if is_generated(bucket, marks.addresses, LONGEST_NAME):
                try:
                    _refuse_elsewhere(aws, bucket)
                    yield found(bucket, _tags(aws, bucket))
                except CloudError as error:
                    if error.code not in GONE | MOVED:
                        raise

    def adopt(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        _put_tags(aws, remote_id, put=operation.ownership)


def _refuse_elsewhere(aws: Connection, bucket: str) -> None:
    """Return when the bucket is in the connection's region.

    boto3 follows S3's redirects to other regions without a word, so ask.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html

    Raises:
        CloudError: it is in another region (code ``PermanentRedirect``), or there is none.
    """
    headers = aws.call("s3", "head_bucket", Bucket=bucket)["ResponseMetadata"]["HTTPHeaders"]
    region = headers.get("x-amz-bucket-region", aws.region)
    if region != aws.region:
        raise CloudError(
            f"it is in region {region}, and this environment is in {aws.region}.",
            code="PermanentRedirect",
        )


def _locked(operation: Operation) -> dict[str, bool]:
    return {"ObjectLockEnabledForBucket": True} if lock.locks(operation.properties) else {}


def _bucket_name(operation: Operation) -> str:
    given = operation.properties.get("BucketName")
    if given:
        return str(given)
    generated = generated_name(operation, LONGEST_NAME - len(_INSTEAD))
    return f"{_INSTEAD}{generated}" if re.match(_KEPT_NAMES, generated) else generated


def _attributes(aws: Connection, bucket: str) -> dict[str, Any]:
    suffix = "amazonaws.com.cn" if aws.partition == "aws-cn" else "amazonaws.com"
    website = "-" if aws.region in DASHED_WEBSITES else "."
    return {
        "BucketName": bucket,
        "Arn": _arn(aws, bucket),
        "DomainName": f"{bucket}.s3.{suffix}",
        "DualStackDomainName": f"{bucket}.s3.dualstack.{aws.region}.{suffix}",
        "RegionalDomainName": f"{bucket}.s3.{aws.region}.{suffix}",
        "WebsiteURL": f"http://{bucket}.s3-website{website}{aws.region}.{suffix}",
    }


def _arn(aws: Connection, bucket: str) -> str:
    return f"arn:{aws.partition}:s3:::{bucket}"


def _tags(aws: Connection, bucket: str) -> dict[str, str]:
    answer = optional(aws, "get_bucket_tagging", "NoSuchTagSet", bucket)
    return tag_map(answer["TagSet"]) if answer else {}


def _put_tags(
    aws: Connection, bucket: str, *, put: Mapping[str, str], remove: Sequence[str] = ()
) -> None:
    # The call replaces all tags, so send the tags of others too.
    observed = _tags(aws, bucket)
    wanted = {key: value for key, value in observed.items() if key not in remove} | dict(put)
    if wanted == observed:
        return
    try:
        if wanted:
            tagging = {"TagSet": tag_list(wanted)}
            aws.call("s3", "put_bucket_tagging", Bucket=bucket, Tagging=tagging)
        else:
            aws.call("s3", "delete_bucket_tagging", Bucket=bucket)
    except CloudError:
        if not _has_abac(aws, bucket):
            raise
        _put_tags_one_by_one(aws, bucket, observed, wanted)


def _put_tags_one_by_one(
    aws: Connection, bucket: str, observed: Mapping[str, str], wanted: Mapping[str, str]
) -> None:
    """Make the tags the wanted ones with the calls that a bucket takes whose tags decide about access.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_TagResource.html
    """
    about = {"AccountId": aws.account, "ResourceArn": f"arn:{aws.partition}:s3:::{bucket}"}
    put = {key: value for key, value in wanted.items() if observed.get(key) != value}
    if put:
        aws.call("s3control", "tag_resource", Tags=tag_list(put), **about)
    if gone := sorted(observed.keys() - wanted.keys()):
        aws.call("s3control", "untag_resource", TagKeys=gone, **about)


def _has_abac(aws: Connection, bucket: str) -> bool:
    """Whether the bucket's tags decide about access; False where that cannot be asked."""
    try:
        answer = aws.call("s3", "get_bucket_abac", Bucket=bucket)
    except CloudError:
        return False
    return bool(answer.get("AbacStatus", {}).get("Status") == "Enabled")


# --- declarations --------------------------------------------------------------------------------


_KEPT = "begins or ends with what S3 keeps for itself"

_S3 = Rights.of(
    "s3",
    reads=READS,
    makes="CreateBucket",
    removes="DeleteBucket",
    writes=(
        "AbortMultipartUpload",
        "CreateBucket",
        "DeleteBucket",
        "DeleteBucketWebsite",
        "DeleteObject",
        "DeleteObjectVersion",
        "PutAccelerateConfiguration",
        "PutBucketAcl",
        "PutBucketCORS",
        "PutBucketLogging",
        "PutBucketNotification",
        "PutBucketObjectLockConfiguration",
        "PutBucketOwnershipControls",
        "PutBucketPublicAccessBlock",
        "PutBucketTagging",
        "PutBucketVersioning",
        "PutBucketWebsite",
        "PutEncryptionConfiguration",
        "PutIntelligentTieringConfiguration",
        "PutInventoryConfiguration",
        "PutLifecycleConfiguration",
        "PutReplicationConfiguration",
        "TagResource",
        "UntagResource",
    ),
)

BUCKET = NativeType(
    declaration=Declaration(
        name="AWS::S3::Bucket",
        rights=replace(_S3, reads=_S3.reads | {INDEX}),
        index=Index("s3:"),
        passes_role_to="s3.amazonaws.com",
        handled=HANDLED,
        create_only=("/BucketName",),
        identities=IDENTITIES,
        sets=SETS,
        removals={
            **removals_of(SURFACES),
            **{
                f"/PublicAccessBlockConfiguration/{key}": Removal(default=True, says=BLOCKED)
                for key in BLOCKS
            },
            **NESTED_REMOVALS,
            **lock.REMOVALS,
            "/Tags": TAGS_REMOVAL,
        },
        partial=PARTIAL,
        grows=frozenset({f"/{lock.SWITCH}"}),
        cautions=lock.CAUTIONS,
        normalise=normalise_bucket,
        natural_key=("BucketName",),
        stateful=True,
        refine=together(
            REFINE,
            refining(
                {
                    "/BucketName": {
                        "minLength": 3,
                        "maxLength": 63,
                        "not": {"pattern": _KEPT_NAMES, "title": _KEPT},
                    },
                }
            ),
        ),
        tag_limits=STRICT_TAGS,
    ),
    handler=BucketHandler(),
)
