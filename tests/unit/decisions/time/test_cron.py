"""Tests for the instants at which a cron expression fires, and for its windows."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitbot.decisions.time.cron import last_firing, next_firing, spans
from gitbot.language.time.cron import read_cron
from gitbot.model.time import Cron
from gitbot.model.zones import zone
from tests.model_checks import WHOLE, sized

MINUTE = timedelta(minutes=1)
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC")


def cron(expression: str, timezone: str = "UTC") -> Cron:
    return Cron(expression=expression, timezone=timezone, fields=read_cron(expression))


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


@pytest.mark.parametrize(
    ("expression", "timezone", "after", "next_"),
    [
        ("*/30 * * * *", "UTC", "2026-05-01T10:00", "2026-05-01T10:30"),
        ("*/30 * * * *", "UTC", "2026-05-01T10:29:59", "2026-05-01T10:30"),
        ("0 17 * * FRI", "Europe/Berlin", "2026-11-26T10:00", "2026-11-27T16:00"),
        ("0 0 1 1 *", "UTC", "2026-01-01T00:00", "2027-01-01T00:00"),
        # Sunday is 0 and 7.
        ("0 0 * * 7", "UTC", "2026-11-28T00:00", "2026-11-29T00:00"),
        ("0 0 * * 0", "UTC", "2026-11-28T00:00", "2026-11-29T00:00"),
        # Monday is 1.
        ("0 0 * * 1", "UTC", "2026-11-28T00:00", "2026-11-30T00:00"),
        # Either of the two fields of days when both are given.
        ("0 0 13 * FRI", "UTC", "2026-11-07T00:00", "2026-11-13T00:00"),
        ("0 0 13 * FRI", "UTC", "2026-11-13T00:00", "2026-11-20T00:00"),
        ("0 0 15 * FRI", "UTC", "2026-12-11T00:00", "2026-12-15T00:00"),
        # 2100 is no leap year.
        ("0 0 29 2 *", "UTC", "2096-03-01T00:00", "2104-02-29T00:00"),
        # Clocks skip 2:30: it fires when they are put forward.
        ("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00", "2026-03-29T01:00"),
        ("30 2 * * *", "Europe/Berlin", "2026-03-29T01:00", "2026-03-30T00:30"),
        # Clocks show 2:30 twice: it fires the first time.
        ("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00", "2026-10-25T00:30"),
        ("30 2 * * *", "Europe/Berlin", "2026-10-25T00:30", "2026-10-26T01:30"),
    ],
)
def test_the_next_firing_is_the_first_one_after(
    expression: str, timezone: str, after: str, next_: str
) -> None:
    found = next_firing(cron(expression, timezone), at(after))
    assert found == at(next_)
    assert last_firing(cron(expression, timezone), at(next_)) == at(next_)
    earlier = last_firing(cron(expression, timezone), at(next_) - MINUTE / 60)
    assert earlier is not None
    assert earlier <= at(after)


@pytest.mark.parametrize(
    ("expression", "timezone", "hours", "since", "windows"),
    [
        # 63 hours of local time, which last an hour less when clocks are put forward.
        (
            "0 17 * * FRI",
            "Europe/Berlin",
            63,
            "2026-03-27T17:00",
            [
                ("2026-03-27T16:00", "2026-03-30T06:00"),
                ("2026-04-03T15:00", "2026-04-06T06:00"),
            ],
        ),
        ("0 22 * * *", "UTC", 2, "2026-05-02T00:00", [("2026-05-02T22:00", "2026-05-03T00:00")]),
        # One that begins before and still lasts.
        ("0 22 * * *", "UTC", 4, "2026-05-02T00:00", [("2026-05-01T22:00", "2026-05-02T02:00")]),
        # Clocks skip the whole of it.
        (
            "0 2 * * *",
            "Europe/Berlin",
            1,
            "2026-03-28T12:00",
            [("2026-03-30T00:00", "2026-03-30T01:00")],
        ),
    ],
)
def test_a_window_lasts_its_local_time(
    expression: str, timezone: str, hours: int, since: str, windows: list[tuple[str, str]]
) -> None:
    found = spans(
        cron(expression, timezone), timedelta(hours=hours), at(since), at("2027-01-01T00:00")
    )
    for start, end in windows:
        span = next(found)
        assert (span.start, span.end) == (at(start), at(end))


def test_what_never_fires_has_no_firing_and_no_window() -> None:
    every_day = cron("0 0 1 * *")
    never = replace(every_day, fields=replace(every_day.fields, months=frozenset()))
    now = at("2026-05-01T00:00")
    assert next_firing(never, now) is None
    assert last_firing(never, now) is None
    assert list(spans(never, MINUTE, now, now + timedelta(days=99))) == []


@dataclass(frozen=True)
class Written:
    """A field of an expression: its text, and the numbers that it stands for."""

    text: str
    numbers: frozenset[int]


def written(least: int, most: int) -> st.SearchStrategy[Written]:
    number = st.integers(least, most)

    def stepped(first: int, last: int, step: int) -> Written:
        low, high = sorted((first, last))
        return Written(f"{low}-{high}/{step}", frozenset(range(low, high + 1, step)))

    everything = Written("*", frozenset(range(least, most + 1)))
    one = number.map(lambda n: Written(str(n), frozenset({n})))
    some = st.lists(number, min_size=1, max_size=4).map(
        lambda found: Written(",".join(map(str, found)), frozenset(found))
    )
    steps = st.builds(stepped, number, number, st.integers(1, max(1, most // 2)))
    return st.one_of(st.just(everything), one, some, steps)


@dataclass(frozen=True)
class Fields:
    """An expression, with the meaning that the test gives it on its own."""

    minute: Written
    hour: Written
    day: Written
    month: Written
    weekday: Written

    @property
    def text(self) -> str:
        parts = (self.minute, self.hour, self.day, self.month, self.weekday)
        return " ".join(part.text for part in parts)

    def shows(self, wall: datetime) -> bool:
        if wall.minute not in self.minute.numbers or wall.hour not in self.hour.numbers:
            return False
        day = wall.day in self.day.numbers
        weekday = int(f"{wall:%w}") in {number % 7 for number in self.weekday.numbers}
        stars = "*" in (self.day.text, self.weekday.text)
        on_day = (day and weekday) if stars else (day or weekday)
        return wall.month in self.month.numbers and on_day


def fires_at_all(fields: Fields) -> bool:
    longest = max(calendar.monthrange(2028, month)[1] for month in fields.month.numbers)
    return fields.weekday.text != "*" or min(fields.day.numbers) <= longest


EXPRESSIONS = st.builds(
    Fields, written(0, 59), written(0, 23), written(1, 31), written(1, 12), written(0, 7)
).filter(fires_at_all)


@cache
def clock(timezone: str) -> Mapping[datetime, tuple[datetime, ...]]:
    """What clocks show for the first time at each minute of UTC, minute by minute.

    At most minutes that is one local time, none where it was shown before, and several where clocks
    are put forward. The small size takes three days at each end of daylight saving.
    """
    shown: dict[datetime, tuple[datetime, ...]] = {}
    for first, last in ranges(timezone):
        latest = (first - MINUTE).astimezone(zone(timezone)).replace(tzinfo=None)
        instant = first
        while instant < last:
            wall = instant.astimezone(zone(timezone)).replace(tzinfo=None)
            new = []
            while latest < wall:
                latest += MINUTE
                new.append(latest)
            shown[instant] = tuple(new)
            instant += MINUTE
    return shown


def ranges(timezone: str) -> list[tuple[datetime, datetime]]:
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
    if WHOLE:
        return [(start, end)]
    days = [start + timedelta(days=n) for n in range(365)]
    offsets = [(day, day.astimezone(zone(timezone)).utcoffset()) for day in days]
    moves = [day for (day, old), (_, new) in pairwise(offsets) if old != new] or [days[57]]
    return [(day - timedelta(days=1), day + timedelta(days=2)) for day in moves]


def firings(fields: Fields, timezone: str) -> Iterator[datetime]:
    for instant, walls in clock(timezone).items():
        if any(fields.shows(wall) for wall in walls):
            yield instant


@pytest.mark.model
@pytest.mark.parametrize("timezone", ZONES)
@sized(12, whole=4)  # of two years, not of days
@given(fields=EXPRESSIONS)
def test_firings_agree_with_looking_at_the_clock_every_minute(
    timezone: str, fields: Fields
) -> None:
    expression = cron(fields.text, timezone)
    expected = list(firings(fields, timezone))
    for first, last in ranges(timezone):
        fired = [one for one in expected if first <= one < last]
        found, now = [], first - MINUTE / 60
        while (following := next_firing(expression, now)) and following < last:
            found.append(following)
            now = following
        assert found == fired
        for one, other in pairwise(fired):
            assert last_firing(expression, other - MINUTE / 60) == one


@pytest.mark.model
@pytest.mark.parametrize("timezone", ZONES)
@sized(6, whole=2)
@given(fields=EXPRESSIONS, minutes=st.integers(1, 2 * 24 * 60))
def test_windows_agree_with_looking_at_the_clock_every_minute(
    timezone: str, fields: Fields, minutes: int
) -> None:
    """A window is open while the local time is less than ``minutes`` after one that fires."""
    expression, lasts = cron(fields.text, timezone), timedelta(minutes=minutes)
    for first, last in ranges(timezone):
        begun, opened = first + lasts + timedelta(hours=1), set()
        closing = datetime.min  # noqa: DTZ901
        shown = clock(timezone)
        instant, latest = first, None
        while instant < last:
            for wall in shown[instant]:
                latest = wall
                if fields.shows(wall):
                    closing = max(closing, wall + lasts)
            if latest is not None and latest < closing:
                opened.add(instant)
            instant += MINUTE
        found = set()
        for span in spans(expression, lasts, begun, last):
            if span.start >= last:
                break
            instant = max(span.start, begun)
            while instant < min(span.end, last):
                found.add(instant)
                instant += MINUTE
        assert found == {instant for instant in opened if instant >= begun}
