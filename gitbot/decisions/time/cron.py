"""The instants at which a cron expression fires, and the windows that it opens. Pure.

An expression names local times. One that clocks skip fires when they are put forward; one that
they show twice fires the first time.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from gitbot.model.time import Cron, CronFields
from gitbot.model.zones import instant_of, zone

_DAY = timedelta(days=1)
# The 29th of February can be eight years away: 2100 has none.
_DAYS_AHEAD = 9 * 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The time from ``start`` until just before ``end``."""

    start: datetime
    end: datetime


def next_firing(cron: Cron, after: datetime) -> datetime | None:
    """The first instant after ``after`` at which it fires; None when there is none for years."""
    since = _local(cron, after)
    instants = (instant_of(wall, zone(cron.timezone)) for wall in _walls(cron.fields, since))
    return next((instant for instant in instants if instant > after), None)


def last_firing(cron: Cron, at: datetime) -> datetime | None:
    """The last instant up to ``at`` at which it fires; None when there is none for years."""
    local = at.astimezone(zone(cron.timezone))
    # While clocks show an hour for the second time, later local times have been shown already.
    until = local.replace(tzinfo=None) + (at - local.replace(fold=0).astimezone(UTC))
    instants = (instant_of(wall, zone(cron.timezone)) for wall in _walls_back(cron.fields, until))
    return next((instant for instant in instants if instant <= at), None)


def spans(cron: Cron, lasts: timedelta, since: datetime, until: datetime) -> Iterator[Span]:
    """The windows that begin when it fires, last for ``lasts`` of local time and end after
    ``since``, in order. Those that overlap or touch by the clock are one.

    One that is open at ``until`` is the last one, and ends then or later. A window that lies in
    hours which clocks skip is left out.
    """
    daily = _of_day(cron.fields, lasts)
    # A day more than the longest step of any clock.
    first, last = _local(cron, since) - lasts - 2 * _DAY, _local(cron, until)
    begin, end = datetime.min, datetime.min  # noqa: DTZ901
    for day in _days(cron.fields, first.date(), _DAY):
        midnight = datetime.combine(day, time())
        for opens, closes in daily:
            if midnight + opens > end:
                yield from _span(cron, begin, end, since)
                begin = midnight + opens
            end = max(end, midnight + closes)
        if begin <= last < end:
            break
    yield from _span(cron, begin, end, since)


def _of_day(fields: CronFields, lasts: timedelta) -> list[tuple[timedelta, timedelta]]:
    """When the windows of one day open and close, counted from midnight. None of them overlap."""
    found: list[tuple[timedelta, timedelta]] = []
    for hour in sorted(fields.hours):
        for minute in sorted(fields.minutes):
            opens = timedelta(hours=hour, minutes=minute)
            if found and opens <= found[-1][1]:
                opens, _ = found.pop()
            found.append((opens, timedelta(hours=hour, minutes=minute) + lasts))
    return found


def _span(cron: Cron, begin: datetime, end: datetime, since: datetime) -> Iterator[Span]:
    """The window between two local times, if clocks show it and it ends after ``since``."""
    if begin < end:
        start, over = (instant_of(wall, zone(cron.timezone)) for wall in (begin, end))
        if start < over and over > since:
            yield Span(start=start, end=over)


def _local(cron: Cron, instant: datetime) -> datetime:
    return instant.astimezone(zone(cron.timezone)).replace(tzinfo=None)


def _walls(fields: CronFields, since: datetime) -> Iterator[datetime]:
    """The local times from the minute of ``since`` on, in order."""
    first = since.replace(second=0, microsecond=0)
    hours, minutes = sorted(fields.hours), sorted(fields.minutes)
    for day in _days(fields, first.date(), _DAY):
        earliest = first.hour if day == first.date() else 0
        for hour in hours[bisect_left(hours, earliest) :]:
            walls = (datetime.combine(day, time(hour, minute)) for minute in minutes)
            yield from (wall for wall in walls if wall >= first)


def _walls_back(fields: CronFields, until: datetime) -> Iterator[datetime]:
    """The local times up to ``until``, from the last one back."""
    hours, minutes = sorted(fields.hours), sorted(fields.minutes, reverse=True)
    for day in _days(fields, until.date(), -_DAY):
        latest = until.hour if day == until.date() else 23
        for hour in reversed(hours[: bisect_right(hours, latest)]):
            walls = (datetime.combine(day, time(hour, minute)) for minute in minutes)
            yield from (wall for wall in walls if wall <= until)


def _days(fields: CronFields, first: date, step: timedelta) -> Iterator[date]:
    days = (first + n * step for n in range(_DAYS_AHEAD))
    return (day for day in days if _fits(fields, day))


def _fits(fields: CronFields, day: date) -> bool:
    """Whether it fires on the day: on either of the two fields of days when both are given."""
    if day.month not in fields.months:
        return False
    of_month = day.day in fields.days
    of_week = day.isoweekday() % 7 in fields.weekdays
    if fields.any_day or fields.any_weekday:
        return of_month and of_week
    return of_month or of_week
