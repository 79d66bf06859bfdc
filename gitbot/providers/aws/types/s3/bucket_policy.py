"""AWS::S3::BucketPolicy over the S3 API. Shell.

Bucket (replaces), PolicyDocument (a map or JSON text). A policy carries no tags: its natural key is
the bucket, and another policy that is there already is a conflict.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError, ConflictError
from gitbot.model.cloud import Operation
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Found, Observation, ReadRequest
from gitbot.model.schema import Parent
from gitbot.providers.aws.native import Declaration, NativeType
from gitbot.providers.aws.observations import observations
from gitbot.providers.aws.policy_documents import deleted_principals, normalised_policy, policy_text
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.rights import Rights
from gitbot.providers.aws.tagging import found
from gitbot.providers.aws.types.s3.properties import READS
from gitbot.providers.aws.types.s3.surfaces import GONE, optional

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection


class BucketPolicyHandler:
    """Bucket policies; see ``native.Handler``. Their natural key is the bucket."""

    def read(
        self, aws: Connection, requests: Sequence[ReadRequest]
    ) -> Mapping[Address, Observation]:
        policies = aws.each(lambda request: _policy(aws, request.remote_id), requests)
        return observations(
            requests,
            {
                request.remote_id: {
                    "Bucket": str(request.remote_id),
                    "PolicyDocument": normalised_policy(policy),
                }
                for request, policy in zip(requests, policies, strict=True)
                if policy is not None
            },
        )

    def create(self, aws: Connection, operation: Operation) -> RemoteId:
        bucket = str(operation.properties["Bucket"])
        document = operation.properties["PolicyDocument"]
        present = _policy(aws, bucket) if operation.asked else None
        if present is not None and normalised_policy(present) != normalised_policy(document):
            raise ConflictError(
                f"{operation.address}: bucket {bucket} has another policy already. Take it over "
                f"with `lifecycle: {{import: {bucket}}}`."
            )
        self._put(aws, operation, bucket)
        return RemoteId(bucket)

    def settle(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        """Do nothing: the policy is complete once it is created."""

    def update(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        self._put(aws, operation, remote_id)

    def _put(self, aws: Connection, operation: Operation, bucket: str) -> None:
        document = operation.properties["PolicyDocument"]
        try:
            aws.call("s3", "put_bucket_policy", Bucket=bucket, Policy=policy_text(document))
        except CloudError as error:
            if error.code != "AccessDenied" or not _is_for_everybody(document):
                raise
            # https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
            raise CloudError(
                f"{error} Or the bucket refuses it because it is public, as new buckets do: where that is meant, "
                "give the bucket PublicAccessBlockConfiguration with BlockPublicPolicy: false.",
                code=error.code,
                call=error.call,
            ) from error

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
        """Do nothing: a policy takes no tags."""


def _is_for_everybody(document: Any) -> bool:
    """Whether a statement of the policy allows something to everybody."""
    policy = normalised_policy(document)
    statements = policy.get("Statement", ()) if isinstance(policy, Mapping) else ()
    return any(
        one.get("Effect") == "Allow" and '"*"' in json.dumps(one.get("Principal"), default=str)
        for one in statements
        if isinstance(one, Mapping)
    )


def _policy(aws: Connection, bucket: str) -> str | None:
    try:
        answer = optional(aws, "get_bucket_policy", "NoSuchBucketPolicy", bucket)
    except CloudError as error:
        if error.code in GONE:
            return None
        raise
    return str(answer["Policy"]) if answer else None


def normalise_bucket_policy(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """The properties in the form for comparison."""
    if "PolicyDocument" not in properties:
        return properties
    return {**properties, "PolicyDocument": normalised_policy(properties["PolicyDocument"])}


RIGHTS = Rights.of(
    "s3",
    reads=READS,
    makes="PutBucketPolicy",
    removes="DeleteBucketPolicy",
    writes=(
        "DeleteBucketPolicy",
        "PutBucketPolicy",
    ),
)

BUCKET_POLICY = NativeType(
    declaration=Declaration(
        name="AWS::S3::BucketPolicy",
        rights=RIGHTS,
        handled=frozenset({"/Bucket", "/PolicyDocument"}),
        normalise=normalise_bucket_policy,
        natural_key=("Bucket",),
        explains=deleted_principals,
        parent=Parent(type="AWS::S3::Bucket", reference="Bucket"),
        refine=refining({"/PolicyDocument": {"minLength": 1}}),
    ),
    handler=BucketPolicyHandler(),
)
