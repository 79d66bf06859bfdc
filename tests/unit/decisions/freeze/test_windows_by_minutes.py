"""Freeze windows against a model that walks through every minute of two years."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

import pytest

from gitbot.decisions.freeze.windows import window_verdict
from gitbot.model.freeze import Act, Repeats, Window
from gitbot.model.zones import zone
from tests.model_checks import WHOLE
from tests.unit.decisions.facts_by_hand import PROD
from tests.unit.decisions.freeze.windows_by_hand import a_window, once

pytestmark = pytest.mark.model

MINUTE = timedelta(minutes=1)
# `make test` looks around the changes of the clocks in these zones; `make model` at two years.
PERIODS = [("2026-01-01", 730)] if WHOLE else [("2026-03-01", 40), ("2026-09-30", 36)]
TURNS = ("2026-03-08", "2026-03-29", "2026-04-05", "2026-10-04", "2026-10-25", "2026-11-01")
STRIDE = 121 if WHOLE else 131
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC")
# The fields of the expressions, said once more in plain Python.
SHOWS = {
    "0 17 * * FRI": lambda wall: (wall.hour, wall.minute, wall.weekday()) == (17, 0, 4),
    "0 8 * * MON-FRI": lambda wall: (wall.hour, wall.minute) == (8, 0) and wall.weekday() < 5,
    "15,45 1-2 * * *": lambda wall: wall.hour in (1, 2) and wall.minute in (15, 45),
    "30 2 * * SUN": lambda wall: (wall.hour, wall.minute, wall.weekday()) == (2, 30, 6),
    "0 0 1 * MON": lambda wall: (
        (wall.hour, wall.minute) == (0, 0) and (wall.day == 1 or wall.weekday() == 0)
    ),
}


def windows_in(timezone: str) -> dict[str, tuple[Window, ...]]:
    def deny(name: str, cron: str, hours: float) -> Window:
        return a_window(name, "deny", cron, hours, timezone=timezone)

    def allow(name: str, cron: str, hours: float) -> Window:
        return a_window(name, "allow", cron, hours, timezone=timezone)

    night = deny("night", "15,45 1-2 * * *", 0.75)
    return {
        "weekends": (deny("weekend", "0 17 * * FRI", 63), allow("office", "0 8 * * MON-FRI", 10)),
        "nights": (night, allow("turn", "30 2 * * SUN", 1.5), allow("month", "0 0 1 * MON", 30)),
        "once": (
            once("sale", "deny", "2026-03-28T12:00", "2026-03-29T01:30"),
            deny("night", "30 2 * * SUN", 1),
        ),
    }


class Clock:
    """The local times that clocks of a zone show, minute by minute from ``start`` on."""

    def __init__(self, start: datetime, minutes: int, local: ZoneInfo) -> None:
        self.start = start
        walls = [
            (start + n * MINUTE).astimezone(local).replace(tzinfo=None) for n in range(minutes)
        ]
        # The latest time shown so far: clocks that are put back show what was shown already.
        self.latest = list(accumulate(walls, max))

    def minute_of(self, wall: datetime) -> int:
        """The first minute at which ``wall`` is shown, or is over because clocks skip it."""
        return bisect_left(self.latest, wall)


class Minutes:
    """For each minute, whether the windows allow an apply, and when that changes next."""

    def __init__(self, windows: tuple[Window, ...], clock: Clock) -> None:
        counts = [self._counted(window, clock) for window in windows]
        denies = [each for each, window in zip(counts, windows, strict=True) if not window.allows]
        allows = [each for each, window in zip(counts, windows, strict=True) if window.allows]
        length = len(clock.latest)
        self.allowed = [
            not any(each[n] for each in denies) and (not allows or any(each[n] for each in allows))
            for n in range(length)
        ]
        self.turn: list[int | None] = [None] * length
        for n in range(length - 2, -1, -1):
            same = self.allowed[n] == self.allowed[n + 1]
            self.turn[n] = self.turn[n + 1] if same else n + 1

    def _counted(self, window: Window, clock: Clock) -> bytearray:
        length = len(clock.latest)
        open_at = bytearray(length)
        for first, last in self._spans(window, clock):
            for n in range(max(0, first), min(last, length)):
                open_at[n] = 1
        return open_at

    def _spans(self, window: Window, clock: Clock) -> Iterator[tuple[int, int]]:
        opens = window.opens
        if not isinstance(opens, Repeats):
            yield int((opens.start - clock.start) / MINUTE), int((opens.end - clock.start) / MINUTE)
            return
        shows = SHOWS[opens.cron.expression]
        wall, last = clock.latest[0], clock.latest[-1]
        while wall <= last:
            if shows(wall):
                yield clock.minute_of(wall), clock.minute_of(wall + opens.lasts)
            wall += MINUTE


def asked(start: datetime, days: int, model: Minutes) -> Iterator[int]:
    """The minutes to ask about, after the first week: what opened before the period is not known.

    The answer of a minute says until when it holds. So asking around each turn, and now and then
    between them, is asking about every minute.
    """
    week, whole = 7 * 1440, days * 1440
    if WHOLE:
        turns = {turn for turn in model.turn if turn is not None and week < turn < whole - 1}
        yield from sorted(n for turn in turns for n in (turn - 1, turn, turn + 1))
        yield from range(week, whole, STRIDE)
        return
    for turn in TURNS:
        near = (datetime.fromisoformat(f"{turn}T00:00+00:00") - start) // MINUTE
        yield from range(max(week, near - 720), min(whole, near + 2880), STRIDE)


@pytest.mark.parametrize("timezone", ZONES)
def test_windows_agree_with_every_minute(timezone: str) -> None:
    for day, days in PERIODS:
        start = datetime.fromisoformat(f"{day}T00:00+00:00")
        clock = Clock(start, days * 1440, zone(timezone))
        for windows in windows_in(timezone).values():
            model = Minutes(windows, clock)
            rules = replace(PROD, freezes=windows, timezone=timezone)
            for n in asked(start, days, model):
                now = start + n * MINUTE
                found = window_verdict(rules, Act.APPLY, "web", now)
                assert found.allowed == model.allowed[n], now
                first = model.turn[n]
                second = None if first is None else model.turn[first]
                turns = (
                    (found.next_close, None)
                    if found.allowed
                    else (found.next_open, found.next_close)
                )
                for turn, minute in zip(turns, (first, second), strict=True):
                    assert minute is None or turn in (None, start + minute * MINUTE), now
                assert first is None or turns[0] is not None, now
