"""Decides which commands an issue about drift offers, so that they are accepted there. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from gitbot.model.drift import Differs, DriftRow, Finding

_WRITABLE = frozenset({Differs.CHANGED, Differs.ADDED, Differs.MISSING})
_FOR = timedelta(days=14)


def offers(row: DriftRow, now: datetime) -> Iterator[tuple[str, str]]:
    """Each command to copy, and what it does; none where the row shows no drift.

    The example of ``/drift ignore`` names the first property that differs, for two weeks.
    """
    if row.finding is not Finding.DRIFT or not row.live:
        return
    yield "/drift apply", "put back exactly what is shown here, and nothing else"
    written = [one for one in row.differences if one.how in _WRITABLE]
    if written:
        words = "keep what the cloud has: a pull request writes it into the spec file"
        yield "/drift adopt", words
        first = written[0]
        path = first.path.removesuffix("/-")
        command = f"/drift ignore {first.address} {path} until {now + _FOR:%Y-%m-%d} because …"
        yield command, "let this property differ until then, by a pull request with your reason"
