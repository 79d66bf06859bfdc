"""Computes from a schedule of off-hours when machines start and stop. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from gitbot.model.cloud import Power
from gitbot.model.hours import EventKind, HoursEvent, HoursSchedule, WeekTime
from gitbot.model.zones import instant_of, zone

DAY = timedelta(days=1)
_DAY_MINUTES = 24 * 60
_WEEK = 7 * _DAY_MINUTES
LOOK_BACK_DAYS = 8
"""Days of local time in which the last event is looked for: a week, and the day of a transition."""
LOOK_AHEAD_DAYS = 400
"""Days in which the next events are looked for: longer than any calendar keeps machines stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """A schedule, its time zone (an IANA name), and the days on which machines stay stopped."""

    schedule: HoursSchedule
    timezone: str
    holidays: frozenset[date] = frozenset()


def last_event(table: Timetable, now: datetime) -> HoursEvent | None:
    """The last event of the past eight days, which says what should be now; None for nothing.

    A local time that a clock change skips counts as the first instant after it; of one that comes
    twice the first counts.
    """
    today = now.astimezone(zone(table.timezone)).date()
    days = (today + DAY * step for step in range(-LOOK_BACK_DAYS, 1))
    past = [event for event in _events(table, days) if event.at <= now]
    return past[-1] if past else None


def next_events(table: Timetable, now: datetime, count: int) -> tuple[HoursEvent, ...]:
    """The next events after ``now``, at most ``count``."""
    found: list[HoursEvent] = []
    if table.schedule.opted_out:
        return ()
    today = now.astimezone(zone(table.timezone)).date()
    for start in range(0, LOOK_AHEAD_DAYS, 7):
        days = (today + DAY * (start + step) for step in range(7))
        found += (event for event in _events(table, days) if event.at > now)
        if len(found) >= count:
            break
    return tuple(found[:count])


def stopped_hours_a_week(schedule: HoursSchedule) -> float | None:
    """For how many hours of an ordinary week machines are stopped; None when people decide it."""
    if not schedule.two_sided:
        return None
    marks = sorted(
        [
            *((minute, Power.RUNNING) for minute in _week_minutes(schedule.on)),
            *((minute, Power.STOPPED) for minute in _week_minutes(schedule.off)),
        ]
    )
    after = [minute for minute, _ in marks[1:]] + [marks[0][0] + _WEEK]
    stopped = sum(
        end - start
        for (start, power), end in zip(marks, after, strict=True)
        if power is Power.STOPPED
    )
    return stopped / 60


def _week_minutes(times: Iterable[WeekTime]) -> frozenset[int]:
    """The minutes of the week at which these times are."""
    return frozenset(each * _DAY_MINUTES + one.minute for one in times for each in one.days)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class _Local:
    """An event by the clock on the wall. It sorts by time."""

    at: datetime
    power: Power
    kind: EventKind


def _events(table: Timetable, days: Iterable[date]) -> list[HoursEvent]:
    """The events of these local days in order. Of two at one instant the later one by the wall
    clock counts."""
    place = zone(table.timezone)
    found: dict[datetime, HoursEvent] = {}
    for day in days:
        for local in sorted(_of_day(table, day)):
            at = instant_of(local.at, place)
            found[at] = HoursEvent(at=at, power=local.power, kind=local.kind)
        found = _ended(table, day, found)
    return list(found.values())


def _ended(
    table: Timetable, day: date, found: dict[datetime, HoursEvent]
) -> dict[datetime, HoursEvent]:
    """The events before the schedule's end, and the end itself if it is on this day.

    What sleeps at the end is started, because nothing would start it afterwards.
    """
    until = table.schedule.until
    if until is None:
        return found
    kept = {at: event for at, event in found.items() if at < until or event.kind is EventKind.END}
    if table.schedule.two_sided and until.astimezone(zone(table.timezone)).date() == day:
        kept[until] = HoursEvent(at=until, power=Power.RUNNING, kind=EventKind.END)
    return kept


def _of_day(table: Timetable, day: date) -> Iterator[_Local]:
    """The events of one local day. A holiday begins with a stop and has no events of its own."""
    schedule = table.schedule
    midnight = datetime.combine(day, time())
    holiday_before = day - DAY in table.holidays
    if day in table.holidays:
        if schedule.off and not holiday_before:
            yield _Local(at=midnight, power=Power.STOPPED, kind=EventKind.HOLIDAY)
        return
    if holiday_before and _runs_through(schedule, day):
        yield _Local(at=midnight, power=Power.RUNNING, kind=EventKind.AFTER_HOLIDAY)
    for power, times in ((Power.RUNNING, schedule.on), (Power.STOPPED, schedule.off)):
        for one in times:
            if day.weekday() in one.days:
                at = midnight + timedelta(minutes=one.minute)
                yield _Local(at=at, power=power, kind=EventKind.TIME)


def _runs_through(schedule: HoursSchedule, day: date) -> bool:
    """Whether machines run over the midnight before this day in an ordinary week."""
    if not schedule.two_sided:
        return False
    midnight = day.weekday() * _DAY_MINUTES
    at_midnight = midnight in _week_minutes(schedule.on) | _week_minutes(schedule.off)
    started = min((midnight - minute) % _WEEK for minute in _week_minutes(schedule.on))
    stopped = min((midnight - minute) % _WEEK for minute in _week_minutes(schedule.off))
    return started < stopped and not at_midnight
