"""Empty a bucket that is to be deleted. Shell.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from gitbot.errors import CloudError, UnfinishedError
from gitbot.model.cloud import Operation
from gitbot.providers.aws.advice import apply_first
from gitbot.providers.aws.waiting import HEARTBEAT_S

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection


def why_not_empty(rounds: Sequence[int]) -> str:
    """What people must do while S3 says after each round that the bucket is not empty; ``rounds`` are their counts."""
    if len(rounds) < 2:
        return ""
    if rounds[-1]:
        return f"Something writes to it: {rounds[-1]} more came while it was emptied. Stop what writes."
    return (
        "S3 says that it is not empty, and lists nothing in it. That passes by itself, unless something writes to it: "
        "then stop that."
    )


def empty_or_refuse(aws: Connection, operation: Operation, bucket: str) -> int:
    """Delete all objects, versions, markers and uploads of the bucket; returns how many. May be interrupted.

    Raises:
        CloudError: the spec does not allow emptying the bucket, or an object cannot be deleted.
        UnfinishedError: one turn of it is done; call again to go on.
    """
    if not operation.empty_on_delete:
        raise CloudError(
            f"bucket {bucket} is not empty and was left as it is. Empty it, or set "
            f"`lifecycle: {{emptyOnDelete: true}}` on the resource and {apply_first(operation.address)}.",
            code="BucketNotEmpty",
        )
    turn = _Turn(aws, operation, bucket)
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
        turn.count(len(batch))
    uploads = 0
    for upload in aws.pages("s3", "list_multipart_uploads", "Uploads", Bucket=bucket):
        aws.call(
            "s3",
            "abort_multipart_upload",
            Bucket=bucket,
            Key=upload["Key"],
            UploadId=upload["UploadId"],
        )
        uploads += 1
    return turn.done + uploads


class _Turn:
    """One turn of emptying: counts, tells how far it is, and ends after the operation's ``turn``."""

    def __init__(self, aws: Connection, operation: Operation, bucket: str) -> None:
        self._clock = aws.clock
        self._operation = operation
        self._of = f"objects and versions of bucket {bucket}"
        self._began = self._told = aws.clock.now()
        self.done = 0

    def count(self, deleted: int) -> None:
        """Count a batch. Raises UnfinishedError when the turn is over."""
        self.done += deleted
        now = self._clock.now()
        if now - self._began >= self._operation.turn or now >= self._operation.deadline:
            raise UnfinishedError(
                f"{self.done} {self._of} are deleted so far; the next apply goes on.",
                done=self.done,
                of=self._of,
            )
        if (now - self._told).total_seconds() >= HEARTBEAT_S:
            self._told = now
            self._operation.watch(f"{self.done} {self._of} are deleted so far")


def _versions(aws: Connection, bucket: str) -> Iterator[dict[str, str]]:
    for kind in ("Versions", "DeleteMarkers"):
        for version in aws.pages("s3", "list_object_versions", kind, Bucket=bucket):
            yield {"Key": version["Key"], "VersionId": version["VersionId"]}


def _batches(items: Iterator[dict[str, str]], size: int) -> Iterator[list[dict[str, str]]]:
    while batch := list(islice(items, size)):
        yield batch
