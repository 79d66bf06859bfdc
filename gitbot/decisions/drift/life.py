"""The life of one row of drift: what a scan and what people did to its issue make of it. Pure.

| phase | what happens | what follows |
|---|---|---|
| clean | something differs | suspect |
| suspect | it differs still, after ``confirm`` | open: an issue is filed, or the last one opened again |
| suspect | nothing differs | clean |
| open | the same | nothing |
| open | something else | a comment says what is new |
| open | nothing differs | a comment says how it ended, and the issue is closed |
| open | a person closed the issue as not planned | acknowledged for a week |
| open | anybody else closed it, or as completed | it is opened again if it still differs |
| open | the issue is gone | acknowledged once; after that a new issue links to it |
| acknowledged | the same | nothing |
| acknowledged | something else, or the week is over | open |
| any | the stack is gone, or not looked at any more | archived |
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias, assert_never

from gitbot.decisions.drift.fingerprints import Key, fingerprint, key_of
from gitbot.model.drift import (
    Again,
    Difference,
    Differs,
    DriftRow,
    Ended,
    How,
    News,
    NewsKind,
    Phase,
)
from gitbot.model.forge import CloseReason

ACKNOWLEDGED_FOR = timedelta(days=7)
"""How long a person is left alone after closing the issue as not planned."""
REOPENED_WITHIN = timedelta(days=30)
"""Drift that comes back within this time opens its last issue again; later it gets a new one."""

NOT_NOW = (CloseReason.NOT_PLANNED, CloseReason.DUPLICATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueStands:
    """The issue as it is on GitHub. ``by_person``: a person closed it, and no bot."""

    open: bool
    reason: CloseReason | None = None
    closed_by: str = ""
    by_person: bool = False


@dataclass(frozen=True, slots=True)
class IssueGone:
    """The issue was deleted, or it is in another repository now."""


Standing: TypeAlias = IssueStands | IssueGone | None
"""None: the row has no issue, or GitHub was not asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """What may have ended a difference.

    ``serial`` is that of the state now. ``applied`` are the addresses that applies changed since the
    differences were last seen, ``healed`` those that gitbot put back without asking,
    ``adopted`` are the differences that the specs came to want, and ``ignored`` those that they say
    to ignore.
    """

    serial: int = 0
    applied: Collection[str] = ()
    healed: Collection[str] = ()
    adopted: Collection[Key] = ()
    ignored: Collection[Key] = ()

    def of(self, difference: Difference, last: DriftRow) -> How:
        """How the difference ended, which ``last`` had."""
        if key_of(difference) in self.ignored:
            return How.IGNORED
        if difference.address in self.healed:
            return How.HEALED
        if self.serial == last.serial:
            return How.PUT_BACK
        # The address of an object that no state knows is only what its tags say.
        if difference.how is not Differs.UNMANAGED and difference.address in self.applied:
            return How.APPLIED
        return How.ADOPTED if key_of(difference) in self.adopted else How.PUT_BACK


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The scan saw these differences."""

    differences: tuple[Difference, ...]
    ways: Ways = field(default=Ways())


@dataclass(frozen=True, slots=True, kw_only=True)
class Clear:
    """The scan looked, and nothing differs."""

    ways: Ways = field(default=Ways())


@dataclass(frozen=True, slots=True)
class Unseen:
    """The scan did not look, or what it saw does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """There is nothing to look at any more."""

    how: How = How.REMOVED


Sight: TypeAlias = Seen | Clear | Unseen | Removed


def advance(
    row: DriftRow, sight: Sight, issue: Standing, *, confirm: timedelta, now: datetime
) -> DriftRow:
    """The row after the scan. The same sight again changes nothing but ``seen_at``."""
    if isinstance(sight, Unseen):
        return row
    heard = _heard(row, issue, now)
    match sight:
        case Removed(how=how):
            return _archived(heard, how, now)
        case Clear(ways=ways):
            return _cleared(heard, ways, now)
        case Seen():
            return _seen(heard, sight, issue, confirm, now)
        case _:
            assert_never(sight)


def _heard(row: DriftRow, issue: Standing, now: datetime) -> DriftRow:
    """The row after what people did to its issue."""
    if issue is None:
        return row
    if isinstance(issue, IssueGone):
        return _without_issue(row, now)
    if row.phase is Phase.ACKNOWLEDGED and issue.open:
        return replace(row, phase=Phase.OPEN, until=None, shown_open=True)
    closed = row.phase is Phase.OPEN and row.shown_open and not issue.open
    if not (closed and issue.by_person and issue.reason in NOT_NOW):
        return row
    until = now + ACKNOWLEDGED_FOR
    acknowledged = replace(row, phase=Phase.ACKNOWLEDGED, until=until, shown_open=False)
    return _owing(acknowledged, NewsKind.ACKNOWLEDGED, now, by=issue.closed_by, until=until)


def _without_issue(row: DriftRow, now: datetime) -> DriftRow:
    lost = replace(row, issue=None, former=row.issue, nth=row.nth + 1, shown_open=False, owed=())
    if row.phase is not Phase.OPEN or row.forgiven:
        return lost
    return replace(lost, phase=Phase.ACKNOWLEDGED, until=now + ACKNOWLEDGED_FOR, forgiven=True)


def _archived(row: DriftRow, how: How, now: datetime) -> DriftRow:
    if row.phase is Phase.ARCHIVED:
        return row
    return _ended(
        row, Phase.ARCHIVED, [Ended(difference=one, how=how) for one in row.differences], now
    )


def _cleared(row: DriftRow, ways: Ways, now: datetime) -> DriftRow:
    if row.phase in (Phase.CLEAN, Phase.ARCHIVED):
        return row
    ended = [Ended(difference=one, how=ways.of(one, row)) for one in row.differences]
    return _ended(row, Phase.CLEAN, ended, now)


def _ended(row: DriftRow, phase: Phase, ended: Sequence[Ended], now: datetime) -> DriftRow:
    over = replace(
        row, phase=phase, fingerprint="", differences=(), since=None, until=None, forgiven=False
    )
    if not row.live:
        return over
    given_up = phase is Phase.ARCHIVED or all(one.how is How.IGNORED for one in ended)
    reason = CloseReason.NOT_PLANNED if given_up else CloseReason.COMPLETED
    over = replace(over, ended_at=now, closes_as=reason)
    return _owing(over, NewsKind.ENDED, now, ended=tuple(ended))


def _seen(
    row: DriftRow, sight: Seen, issue: Standing, confirm: timedelta, now: datetime
) -> DriftRow:
    found = _dated(row, sight.differences, now)
    seen = replace(
        row,
        fingerprint=fingerprint(found),
        differences=found,
        seen_at=now,
        serial=sight.ways.serial,
    )
    match row.phase:
        case Phase.CLEAN | Phase.ARCHIVED:
            return _confirmed(replace(seen, phase=Phase.SUSPECT, since=now), confirm, now)
        case Phase.SUSPECT:
            again = {key_of(one) for one in found} & {key_of(one) for one in row.differences}
            return _confirmed(seen if again else replace(seen, since=now), confirm, now)
        case Phase.OPEN:
            return _still_open(row, seen, sight.ways, issue, now)
        case Phase.ACKNOWLEDGED:
            return _still_acknowledged(row, seen, now)
        case _:
            assert_never(row.phase)


def _dated(
    row: DriftRow, differences: Sequence[Difference], now: datetime
) -> tuple[Difference, ...]:
    """The differences, each with the time at which it was first seen, in a fixed order."""
    known = {key_of(one): one.since for one in row.differences}
    dated = [replace(one, since=one.since or known.get(key_of(one)) or now) for one in differences]
    return tuple(sorted(dated, key=key_of))


def _confirmed(row: DriftRow, confirm: timedelta, now: datetime) -> DriftRow:
    """The suspect row; open when it has been seen for long enough."""
    if row.since is None or now - row.since < confirm:
        return row
    opened = replace(row, phase=Phase.OPEN, closes_as=None)
    if row.issue is None:
        return opened
    if row.ended_at is not None and now - row.ended_at <= REOPENED_WITHIN:
        # If we have not closed it yet, somebody else may have.
        opened = replace(opened, shown_open=False)
        return _owing(
            opened, NewsKind.REOPENED, now, again=Again.RECURRED, appeared=row.differences
        )
    return replace(opened, issue=None, former=row.issue, nth=row.nth + 1, shown_open=False, owed=())


def _still_open(
    row: DriftRow, seen: DriftRow, ways: Ways, issue: Standing, now: datetime
) -> DriftRow:
    if isinstance(issue, IssueStands) and row.shown_open and not issue.open:
        again = replace(seen, shown_open=False)
        seen = _owing(again, NewsKind.REOPENED, now, again=Again.STILL_THERE, by=issue.closed_by)
    if seen.fingerprint == row.fingerprint:
        return seen
    appeared, vanished = _news_between(row, seen)
    ended = tuple(Ended(difference=one, how=ways.of(one, row)) for one in vanished)
    return _owing(seen, NewsKind.CHANGED, now, appeared=appeared, ended=ended)


def _still_acknowledged(row: DriftRow, seen: DriftRow, now: datetime) -> DriftRow:
    changed = seen.fingerprint != row.fingerprint
    if not changed and row.until is not None and now < row.until:
        return seen
    opened = replace(seen, phase=Phase.OPEN, until=None)
    again = Again.CHANGED if changed else Again.TIME_IS_UP
    appeared, _ = _news_between(row, seen)
    return _owing(opened, NewsKind.REOPENED, now, again=again, appeared=appeared)


def _news_between(
    row: DriftRow, seen: DriftRow
) -> tuple[tuple[Difference, ...], tuple[Difference, ...]]:
    """The differences that are new or have another value, and those that are over."""
    known = {key_of(one): fingerprint([one]) for one in row.differences}
    found = {key_of(one) for one in seen.differences}
    appeared = tuple(
        one for one in seen.differences if known.get(key_of(one)) != fingerprint([one])
    )
    return appeared, tuple(one for one in row.differences if key_of(one) not in found)


def _owing(row: DriftRow, kind: NewsKind, now: datetime, **says: Any) -> DriftRow:
    """The row with one more comment to write; without an issue there is nothing to write it on."""
    if row.issue is None:
        return row
    number = row.written + len(row.owed) + 1
    return replace(row, owed=(*row.owed, News(number=number, kind=kind, at=now, **says)))
