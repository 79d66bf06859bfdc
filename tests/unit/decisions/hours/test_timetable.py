"""When machines start and stop by a schedule of off-hours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gitbot.decisions.hours.timetable import (
    Timetable,
    last_event,
    next_events,
    stopped_hours_a_week,
)
from gitbot.language.time.hours import read_hours
from gitbot.model.cloud import Power
from gitbot.model.hours import EventKind, HoursSchedule, WeekTime
from gitbot.model.zones import zone
from tests.model_checks import WHOLE, sized

OFFICE = "off=(M-F,19);on=(M-F,7)"
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC")
UP, DOWN = Power.RUNNING, Power.STOPPED


def table(text: str, place: str = "Europe/Berlin", *holidays: str) -> Timetable:
    return Timetable(
        schedule=read_hours(text),
        timezone=place,
        holidays=frozenset(date.fromisoformat(day) for day in holidays),
    )


def local(text: str, place: str = "Europe/Berlin") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone(place)).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "now", "power", "since"),
    [
        # Friday is 2026-11-27.
        (OFFICE, "2026-11-27T18:59", UP, "2026-11-27T07:00"),
        (OFFICE, "2026-11-27T19:00", DOWN, "2026-11-27T19:00"),
        (OFFICE, "2026-11-27T20:45", DOWN, "2026-11-27T19:00"),
        (OFFICE, "2026-11-29T12:00", DOWN, "2026-11-27T19:00"),
        (OFFICE, "2026-11-30T07:00", UP, "2026-11-30T07:00"),
        ("on=(M,7)", "2026-11-29T23:00", UP, "2026-11-23T07:00"),
        ("off=(M,7)", "2026-11-29T23:00", DOWN, "2026-11-23T07:00"),
        # Berlin skips 2026-03-29 02:00 to 03:00, and has 2026-10-25 02:00 to 03:00 twice.
        ("off=(U,2:30);on=(U,2:45)", "2026-03-29T03:00", UP, "2026-03-29T03:00"),
        ("off=(U,2);on=(M,7)", "2026-03-29T03:00", DOWN, "2026-03-29T03:00"),
        ("off=(U,2);on=(M,7)", "2026-10-25T02:59", DOWN, "2026-10-25T02:00"),
    ],
)
def test_the_last_event_says_what_should_be(text: str, now: str, power: Power, since: str) -> None:
    found = last_event(table(text), local(now))
    assert found is not None
    assert (found.power, found.at) == (power, local(since))


def test_a_local_time_that_comes_twice_counts_once() -> None:
    hours = table("off=(U,2:30);on=(M,7)")
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert last_event(hours, first + timedelta(hours=1)) == last_event(hours, first)
    assert [one.at for one in next_events(hours, first, 1)] == [local("2026-10-26T07:00")]


def test_without_events_in_eight_days_nothing_is_said() -> None:
    assert last_event(table("off"), local("2026-11-27T12:00")) is None
    assert next_events(table("off"), local("2026-11-27T12:00"), 4) == ()


@pytest.mark.parametrize(
    ("text", "holidays", "events"),
    [
        (OFFICE, ["2026-11-30"], ["Mon 00:00 stop", "Tue 07:00 start", "Tue 19:00 stop"]),
        (
            OFFICE,
            ["2026-11-30", "2026-12-01"],
            ["Mon 00:00 stop", "Wed 07:00 start", "Wed 19:00 stop"],
        ),
        # It would run all week, so it starts again at the end of the holiday.
        ("on=(M,7);off=(F,19)", ["2026-12-02"], ["Mon 07:00 start", "Wed 00:00 stop", "Thu 00:00 start"]),
        ("on=(M,7);off=(F,19)", ["2026-11-30"], ["Mon 00:00 stop", "Tue 00:00 start", "Fri 19:00 stop"]),
        ("on=(M,7);off=(T,0)", ["2026-11-30"], ["Mon 00:00 stop", "Tue 00:00 stop", "Mon 07:00 start"]),
        ("off=(M-U,19)", ["2026-11-30"], ["Sun 19:00 stop", "Mon 00:00 stop", "Tue 19:00 stop"]),
        # What is never stopped is not stopped on a holiday either: it is only not started.
        ("on=(M-T,7)", ["2026-11-30"], ["Tue 07:00 start", "Mon 07:00 start", "Tue 07:00 start"]),
    ],
)  # fmt: skip
def test_machines_stay_stopped_on_holidays(
    text: str, holidays: list[str], events: list[str]
) -> None:
    hours = table(f"{text};skip=DE", "Europe/Berlin", *holidays)
    found = next_events(hours, local("2026-11-29T12:00"), 3)
    words = {UP: "start", DOWN: "stop"}
    place = zone("Europe/Berlin")
    assert [
        f"{one.at.astimezone(place).strftime('%a %H:%M')} {words[one.power]}" for one in found
    ] == events


def test_the_end_of_a_schedule_starts_what_sleeps() -> None:
    hours = table(f"{OFFICE};until=2026-11-28T12:00:00+01:00")
    end = local("2026-11-28T12:00")
    (last,) = next_events(hours, local("2026-11-27T20:00"), 4)
    assert (last.at, last.power, last.kind) == (end, UP, EventKind.END)
    assert last_event(hours, end - timedelta(minutes=1)) != last
    assert last_event(hours, end + timedelta(days=3)) == last
    assert last_event(hours, end + timedelta(days=12)) is None
    assert next_events(table("off=(M-F,19);until=2026-11-28T12:00:00+01:00"), end, 4) == ()
    assert next_events(table("off=(M-F,19);until=2026-11-28T12:00:00+01:00"), local("2026-11-27T20:00"), 4) == ()  # fmt: skip


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        (OFFICE, 168 - 60),
        ("off=(M-U,0);on=(M-U,7:30)", 7 * 7.5),
        ("off=(F,19);on=(M,7)", 60),
        ("off=[(M-U,19),(M-U,23)];on=(M-U,7)", 84),
        ("off=(M-F,19)", None),
        ("on=(M-F,7)", None),
        ("off", None),
    ],
)
def test_the_hours_of_a_week_that_a_schedule_saves(text: str, hours: float | None) -> None:
    assert stopped_hours_a_week(table(text).schedule) == hours


def brute_force(
    hours: Timetable, start: datetime, minutes: int
) -> Iterator[tuple[datetime, Power | None]]:
    """What should be at each minute, found by watching the wall clock minute by minute."""
    place = zone(hours.timezone)
    schedule = hours.schedule
    first = start - timedelta(days=9)
    day = (first - timedelta(days=1)).date()
    times = sorted(
        (datetime.combine(day + timedelta(days=n), time()) + timedelta(minutes=one.minute), power)
        for n in range(minutes // 1440 + 13)
        for power, ones in ((UP, schedule.on), (DOWN, schedule.off))
        for one in ones
        if (day + timedelta(days=n)).weekday() in one.days
    )
    passed = 0
    for n in range(9 * 1440 + minutes):
        now = first + timedelta(minutes=n)
        wall = now.astimezone(place).replace(tzinfo=None)
        while passed < len(times) and times[passed][0] <= wall:
            passed += 1
        power = times[passed - 1][1] if passed else None
        if now >= start:
            yield now, DOWN if wall.date() in hours.holidays else power


def agrees(hours: Timetable, start: datetime, minutes: int, stride: int) -> list[datetime]:
    """Compare at every change that brute force finds, and at every ``stride`` minutes.

    Returns the changes.
    """
    changes: list[datetime] = []
    before: Power | None = None
    for n, (now, power) in enumerate(brute_force(hours, start, minutes)):
        if n > 0 and power != before:
            changes.append(now)
            assert what_should_be(hours, now - timedelta(seconds=1)) is before, now
            assert what_should_be(hours, now) is power, now
        elif n % stride == 0:
            assert what_should_be(hours, now) is power, now
        before = power
    return changes


def what_should_be(hours: Timetable, now: datetime) -> Power | None:
    found = last_event(hours, now)
    return found.power if found is not None else None


WEEK_TIME = st.builds(
    WeekTime,
    days=st.frozensets(st.integers(0, 6), min_size=1),
    minute=st.integers(0, 1439) | st.sampled_from([0, 60, 120, 125, 150, 180]),
)
# A week around each change of the clocks in 2026 and 2027, and one without.
STARTS = (
    "2026-03-05",
    "2026-03-26",
    "2026-04-02",
    "2026-10-01",
    "2026-10-22",
    "2026-10-29",
    "2027-02-26",
)


@pytest.mark.model
@sized(10, whole=200)
@given(
    st.lists(WEEK_TIME, min_size=1, max_size=2),
    st.lists(WEEK_TIME, min_size=1, max_size=2),
    st.sampled_from(ZONES),
    st.sampled_from(STARTS),
    st.frozensets(st.integers(-2, 8), max_size=3),
)
def test_what_should_be_agrees_with_brute_force(
    on: list[WeekTime], off: list[WeekTime], place: str, start: str, holidays: frozenset[int]
) -> None:
    assume(not any(a.minute == b.minute and a.days & b.days for a in on for b in off))
    first = datetime.fromisoformat(start).replace(tzinfo=UTC)
    hours = Timetable(
        schedule=HoursSchedule(on=tuple(on), off=tuple(off)),
        timezone=place,
        holidays=frozenset(first.date() + timedelta(days=n) for n in holidays),
    )
    changes = agrees(hours, first, 6 * 1440, 1440)
    assert set(changes) <= {one.at for one in next_events(hours, first, 100)}


@pytest.mark.model
@pytest.mark.parametrize("place", ZONES)
def test_two_years_agree_with_brute_force_minute_by_minute(place: str) -> None:
    holidays = ("2026-01-01", "2026-03-29", "2026-12-25", "2026-12-26", "2027-10-31")
    hours = table("off=[(M-U,2:30),(F,19)];on=[(M-U,6),(U,2:45)]", place, *holidays)
    # A part of it: the days around the changes of the clocks of Berlin and of Lord Howe.
    start = datetime(2026, 1, 1, tzinfo=UTC) if WHOLE else datetime(2026, 3, 27, tzinfo=UTC)
    agrees(hours, start, (730 if WHOLE else 10) * 1440, 60 if WHOLE else 720)
