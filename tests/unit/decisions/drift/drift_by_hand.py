"""Rows and differences of drift, made by hand for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from gitbot.decisions.drift.life import Clear, Seen, Ways
from gitbot.model.drift import Difference, Differs, DriftRow, Finding
from gitbot.model.names import Address, StackId

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
CONFIRM = 5 * MINUTE
STACK = StackId(repository="7", environment="dev", name="web", region="eu-west-1")


def row(**fields: Any) -> DriftRow:
    """A row of ``dev/web`` about drift."""
    return DriftRow(**{"stack": STACK, "finding": Finding.DRIFT, **fields})


def difference(address: str = "bucket", path: str = "/Tags/owner", **fields: Any) -> Difference:
    """A changed tag of a bucket."""
    given = {
        "how": Differs.CHANGED,
        "type": "AWS::S3::Bucket",
        "recorded": "ada",
        "observed": "bob",
    }
    return Difference(address=Address(address), path=path, **{**given, **fields})


def seen(*differences: Difference, serial: int = 3, **ways: Any) -> Seen:
    """The scan saw these differences."""
    return Seen(differences=differences, ways=Ways(serial=serial, **ways))


def clear(*, serial: int = 3, **ways: Any) -> Clear:
    """The scan saw no difference."""
    return Clear(ways=Ways(serial=serial, **ways))
