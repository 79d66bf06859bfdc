"""Buckets that are to be deleted and are not empty. Shell.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from gitbot.errors import CloudError
from gitbot.model.observed import Deed, Objection, Removing
from gitbot.providers.aws.foretelling.facts import Facts
from gitbot.providers.aws.foretelling.question import Deeds, Question
from gitbot.providers.aws.types.ec2.common import ignoring
from gitbot.providers.aws.types.s3.surfaces import GONE

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection


def concerns(deed: Deed) -> bool:
    """Whether a bucket is deleted, and nothing says that it may be emptied."""
    return isinstance(deed, Removing) and deed.type == "AWS::S3::Bucket" and not deed.empties


def ask(facts: Facts, deeds: Deeds) -> Mapping[str, bool]:
    """Whether each bucket has anything in it, with one call for each."""
    return facts.each("bucket", {str(deed.remote_id) for deed in deeds}, _is_full)


def _is_full(aws: Connection, bucket: str) -> bool:
    """Old versions and markers of deleted objects count: S3 deletes no bucket that has one.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
    """
    try:
        answer = aws.call("s3", "list_object_versions", Bucket=bucket, MaxKeys=1)
    except CloudError as error:
        ignoring(GONE, error)
        return False
    return bool(answer.get("Versions") or answer.get("DeleteMarkers"))


def say(answer: Mapping[str, bool], concerned: Deeds, _: Deeds) -> Iterator[Objection]:
    """A remark on each bucket that S3 will not delete as it is."""
    for deed in concerned:
        if answer[str(deed.remote_id)]:
            yield Objection(
                address=deed.address,
                why=f"bucket `{deed.remote_id}` is not empty, and S3 deletes empty buckets only. Old versions of "
                "objects count too.",
                fix="Empty it before this is applied, or set `lifecycle: {emptyOnDelete: true}` on the "
                "resource and apply that first.",
                remark=True,
            )


FULL_BUCKETS = Question(concerns=concerns, ask=ask, say=say)
