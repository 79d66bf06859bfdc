"""Opens the bucket where state is kept, if it is fit for that. Shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from gitbot.adapters.object_store.layout import Layout
from gitbot.adapters.object_store.objects import Objects
from gitbot.adapters.object_store.requests import REQUESTS
from gitbot.errors import UserError
from gitbot.model.places import BucketPlace

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_EVERYBODY = (
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
)
_CLOSED = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
_NONE = ("NoSuchPublicAccessBlockConfiguration", "NoSuchBucketPolicy")


def open_bucket(place: BucketPlace) -> tuple[Objects, Layout]:
    """The objects of the place, and how they are named.

    Raises:
        UserError: there is no key or no such bucket; or the bucket keeps no versions or is public, and
            the place does not allow that.
    """
    objects = Objects(_client(place), place.bucket, place.key.encode(), kms_key=place.kms_key)
    return objects, Layout(place.prefix)


def check_bucket(place: BucketPlace) -> None:
    """Check that nobody outside can read the bucket, and that an object that is lost can be brought back.

    Raises:
        UserError: it is public or keeps no versions, and the place does not allow that.
    """
    client = _client(place)
    try:
        if "unversioned" not in place.allowed and not _keeps_versions(client, place.bucket):
            raise UserError(
                f"the bucket {place.bucket} keeps no versions, so a state that is overwritten or deleted by "
                "mistake is lost: turn versioning on, or write ?allow=unversioned"
            )
        if "public" not in place.allowed and _is_public(client, place.bucket):
            raise UserError(
                f"the bucket {place.bucket} is public, and state tells what your cloud is made of: block "
                "public access, or write ?allow=public"
            )
    except ClientError as error:
        raise UserError(f"the bucket {place.bucket} cannot be used: {error}") from error
    except BotoCoreError as error:
        raise UserError(f"the bucket {place.bucket} cannot be reached: {error}") from error


def _client(place: BucketPlace) -> S3Client:
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 4}
    )
    client = boto3.client("s3", region_name=place.region or None, config=config)
    REQUESTS.count(client)
    return client


def _keeps_versions(client: S3Client, bucket: str) -> bool:
    return client.get_bucket_versioning(Bucket=bucket).get("Status") == "Enabled"


def _is_public(client: S3Client, bucket: str) -> bool:
    try:
        found = client.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
        if all(found.get(name) for name in _CLOSED):
            return False
    except ClientError as error:
        _pass_absent(error)
    try:
        if client.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"].get("IsPublic"):
            return True
    except ClientError as error:
        _pass_absent(error)
    grants = client.get_bucket_acl(Bucket=bucket).get("Grants", [])
    return any(one.get("Grantee", {}).get("URI") in _EVERYBODY for one in grants)


def _pass_absent(error: ClientError) -> None:
    if error.response.get("Error", {}).get("Code") not in _NONE:
        raise error
