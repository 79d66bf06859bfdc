"""Empty a bucket that is to be deleted. Shell.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from gitbot.errors import CloudError
from gitbot.model.cloud import Operation

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection


def empty_or_refuse(aws: Connection, operation: Operation, bucket: str) -> None:
    """Delete all objects, versions, markers and uploads of the bucket. May be interrupted.

    Raises:
        CloudError: the spec does not allow emptying the bucket, an object cannot be deleted, or the
            deadline passed.
    """
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
        _check_time(aws, operation.deadline, bucket)
    for upload in aws.pages("s3", "list_multipart_uploads", "Uploads", Bucket=bucket):
        aws.call(
            "s3",
            "abort_multipart_upload",
            Bucket=bucket,
            Key=upload["Key"],
            UploadId=upload["UploadId"],
        )


def _check_time(aws: Connection, deadline: datetime, bucket: str) -> None:
    if aws.clock.now() > deadline:
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
