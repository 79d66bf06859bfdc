"""Buckets that would lock or replicate objects without versions of them. Shell.

S3 refuses Object Lock and replication on a bucket whose versioning is not on, and to suspend the versioning of a bucket
that has either. A new bucket with Object Lock gets versioning of S3 itself. Versioning may be on without any spec that
says so, hence S3 is asked.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-configure.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-requirements.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gitbot.errors import CloudError
from gitbot.model.observed import Deed, Making, Objection
from gitbot.providers.aws.foretelling.facts import Facts
from gitbot.providers.aws.foretelling.question import Deeds, Question
from gitbot.providers.aws.types.ec2.common import ignoring
from gitbot.providers.aws.types.s3 import lock, replication
from gitbot.providers.aws.types.s3.surfaces import GONE, VERSIONING, is_versioned

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

_NEED_VERSIONS: Final = frozenset({lock.SWITCH, lock.NAME, replication.NAME})
_FIX: Final = "Write `VersioningConfiguration: {Status: Enabled}` beside it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """What a bucket has on in the cloud."""

    versioned: bool = False
    locked: bool = False
    replicated: bool = False


def concerns(deed: Deed) -> bool:
    """Whether a bucket gets what needs versions, or may lose its versions, and its spec does not keep them on."""
    if not isinstance(deed, Making) or deed.type != "AWS::S3::Bucket" or _may_be_on(deed):
        return False
    return bool(_needing(deed)) or _suspends(deed)


def _may_be_on(deed: Making) -> bool:
    """Whether the spec turns versioning on, or says what only the apply knows."""
    given = deed.properties.get(VERSIONING, {})
    return given is None or (
        isinstance(given, Mapping) and given.get("Status", "") in (None, "Enabled")
    )


def _needing(deed: Making) -> str:
    """The property that this makes or changes and that needs versions, or nothing."""
    if deed.changed is None:  # S3 itself turns versioning on for a new bucket with Object Lock
        touched: AbstractSet[str] = set() if lock.locks(deed.properties) else {replication.NAME}
    else:
        touched = _NEED_VERSIONS & deed.changed
    return min((name for name in touched if deed.properties.get(name)), default="")


def _suspends(deed: Making) -> bool:
    return deed.changed is not None and VERSIONING in deed.changed


def _ends_replication(deed: Making) -> bool:
    """Whether the same change ends the replication, which goes before the versioning."""
    return replication.NAME in (deed.changed or ()) and not deed.properties.get(replication.NAME)


def ask(facts: Facts, deeds: Deeds) -> Mapping[str, Bucket]:
    """What each bucket that exists has on."""
    there = {deed.remote_id for deed in deeds if isinstance(deed, Making)} - {None}
    return facts.each("versions", {str(one) for one in there}, _look)


def _look(aws: Connection, bucket: str) -> Bucket:
    try:
        return Bucket(
            versioned=is_versioned(aws, bucket),
            locked=lock.is_locked(aws, bucket),
            replicated=replication.is_replicated(aws, bucket),
        )
    except CloudError as error:
        ignoring(GONE, error)
        return Bucket()


def say(answer: Mapping[str, Bucket], concerned: Deeds, _: Deeds) -> Iterator[Objection]:
    """An objection to each bucket that S3 will refuse to change like this."""
    for deed in concerned:
        assert isinstance(deed, Making)
        bucket = answer.get(str(deed.remote_id), Bucket())
        needs = _needing(deed)
        replicated = bucket.replicated and not _ends_replication(deed)
        if _suspends(deed) and (bucket.locked or replicated):
            yield _kept_on(deed, bucket)
        elif needs and (not bucket.versioned or _suspends(deed)):
            yield Objection(
                address=deed.address,
                why=f"{needs} needs versioning, which nothing turns on for this bucket: S3 refuses it.",
                fix=_FIX,
            )


def _kept_on(deed: Making, bucket: Bucket) -> Objection:
    if bucket.locked:
        return Objection(
            address=deed.address,
            why=f"bucket `{deed.remote_id}` has Object Lock on, and S3 never suspends the versioning of such a bucket.",
            fix="Keep `VersioningConfiguration: {Status: Enabled}`.",
        )
    return Objection(
        address=deed.address,
        why=f"bucket `{deed.remote_id}` is replicated, and S3 does not suspend its versioning before that has ended.",
        fix="Keep `VersioningConfiguration: {Status: Enabled}`, or end the replication that no spec says first.",
    )


BUCKET_VERSIONS = Question(concerns=concerns, ask=ask, say=say, refuses=True)
