"""Buckets that are to be emptied and deleted, with Object Lock on. Shell.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from gitbot.errors import CloudError
from gitbot.model.observed import Deed, Objection, Removing
from gitbot.providers.aws.foretelling.facts import Facts
from gitbot.providers.aws.foretelling.question import Deeds, Question
from gitbot.providers.aws.types.ec2.common import ignoring
from gitbot.providers.aws.types.s3.lock import is_locked
from gitbot.providers.aws.types.s3.surfaces import GONE

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection


def concerns(deed: Deed) -> bool:
    """Whether a bucket is deleted, and something says that it may be emptied."""
    return isinstance(deed, Removing) and deed.type == "AWS::S3::Bucket" and deed.empties


def ask(facts: Facts, deeds: Deeds) -> Mapping[str, bool]:
    """Whether each bucket has Object Lock on, with one call for each."""
    return facts.each("lock", {str(deed.remote_id) for deed in deeds}, _is_locked)


def _is_locked(aws: Connection, bucket: str) -> bool:
    try:
        return is_locked(aws, bucket)
    except CloudError as error:
        ignoring(GONE, error)
        return False


def say(answer: Mapping[str, bool], concerned: Deeds, _: Deeds) -> Iterator[Objection]:
    """A remark on each bucket that S3 may not let anybody empty."""
    for deed in concerned:
        if answer[str(deed.remote_id)]:
            yield Objection(
                address=deed.address,
                why=f"bucket `{deed.remote_id}` has Object Lock on: S3 deletes no version that is retained or held, "
                "whatever `emptyOnDelete` says. The apply deletes the others, and then stops at the first that it may not.",
                fix="Wait until the last retention has ended, or set `lifecycle: {retain: true}` on the resource to "
                "leave the bucket in the cloud.",
                remark=True,
            )


LOCKED_BUCKETS = Question(concerns=concerns, ask=ask, say=say)
