"""Decides which schedules are due. Pure.

What was missed while no server ran fires once, for the newest instant that has passed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import assert_never

from gitbot.decisions.time.cron import last_firing, next_firing
from gitbot.model.time import At, Cron, Every, Firing, Missed, ScheduleRow

AGAIN = timedelta(minutes=10)
"""How long after a firing a level-triggered instant fires again, unless it was replaced."""

# Every server counts intervals from here, so that all of them fire at the same instants.
_START = datetime(2026, 1, 1, tzinfo=UTC)


def due(rows: Iterable[ScheduleRow], now: datetime) -> tuple[Firing, ...]:
    """What is due, each schedule at most once, the earliest first."""
    settled = (settle(row, now) for row in rows)
    found = [firing for row in settled if (firing := _firing(row, now)) is not None]
    return tuple(sorted(found, key=lambda each: (each.instant, each.schedule.name)))


def settle(row: ScheduleRow, now: datetime) -> ScheduleRow:
    """The row without what is after now: a clock that jumped ahead has left it there.

    A schedule that fired after now counts as one that has never fired.
    """
    last = row.last_fired
    return replace(
        row,
        since=min(row.since, now),
        last_fired=None if last is not None and last > now else last,
    )


def next_due(row: ScheduleRow) -> datetime | None:
    """The first instant from which on the row is due; None when it is never due again."""
    when = row.schedule.when
    if not isinstance(when, At):
        return _next(when, row.last_fired or row.since)
    if row.last_fired is None or row.last_fired < when.instant:
        return when.instant
    if row.schedule.missed is Missed.ONCE:
        return None
    return _next_multiple(when.instant, AGAIN, row.last_fired)


def _firing(row: ScheduleRow, now: datetime) -> Firing | None:
    first = next_due(row)
    if first is None or first > now:
        return None
    # The first is due, so there is one up to now.
    return Firing(schedule=row.schedule, instant=_last(row, now) or first)


def _next(when: Every | Cron, after: datetime) -> datetime | None:
    if isinstance(when, Cron):
        return next_firing(when, after)
    return _next_multiple(_START, when.interval, after)


def _last(row: ScheduleRow, now: datetime) -> datetime | None:
    match when := row.schedule.when:
        case Cron():
            return last_firing(when, now)
        case Every():
            return _last_multiple(_START, when.interval, now)
        case At():
            if row.schedule.missed is Missed.ONCE:
                return when.instant
            return _last_multiple(when.instant, AGAIN, now)
        case _:
            assert_never(when)


def _last_multiple(start: datetime, interval: timedelta, now: datetime) -> datetime:
    return start + (now - start) // interval * interval


def _next_multiple(start: datetime, interval: timedelta, after: datetime) -> datetime:
    return _last_multiple(start, interval, after) + interval
