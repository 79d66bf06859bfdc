"""Reads the language of off-hours, ``off=(M-F,19);on=(M-F,7);tz=Europe/Berlin``. Pure.

Every valid off-hours tag of Cloud Custodian is read, and means the same, with two differences: free
text is an error, and a side that is missing never starts or stops anything.
https://cloudcustodian.io/docs/quickstart/offhours.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final, TypeVar

from gitbot.language.time.hours_text import Cursor, Piece, Text, pieces_of
from gitbot.language.time.instants import read_instant
from gitbot.language.time.zones import read_zone
from gitbot.model.hours import HoursSchedule, WeekTime
from gitbot.model.text_problem import TextProblemError
from gitbot.model.zones import zone_names

ZONE_ALIASES: Final = {
    "pdt": "America/Los_Angeles",
    "pt": "America/Los_Angeles",
    "pst": "America/Los_Angeles",
    "ast": "America/Phoenix",
    "at": "America/Phoenix",
    "est": "America/New_York",
    "edt": "America/New_York",
    "et": "America/New_York",
    "cst": "America/Chicago",
    "cdt": "America/Chicago",
    "ct": "America/Chicago",
    "mst": "America/Denver",
    "mdt": "America/Denver",
    "mt": "America/Denver",
    "gmt": "Etc/GMT",
    "gt": "Etc/GMT",
    "bst": "Europe/London",
    "ist": "Europe/Dublin",
    "cet": "Europe/Berlin",
    "it": "Asia/Kolkata",
    "jst": "Asia/Tokyo",
    "kst": "Asia/Seoul",
    "sgt": "Asia/Singapore",
    "aet": "Australia/Sydney",
    "brt": "America/Sao_Paulo",
    "nzst": "Pacific/Auckland",
    "utc": "Etc/UTC",
}
"""Cloud Custodian's short names of time zones, with the places that they stand for there."""

_DAYS: Final = {"m": 0, "t": 1, "w": 2, "h": 3, "f": 4, "s": 5, "u": 6}
_DAY_FIX: Final = "Days are M T W H F S U, from Monday to Sunday (H is Thursday), or a range: M-F."
_WEEKDAYS: Final = frozenset(range(5))
_CALENDAR: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,62}")
_HOUR: Final = re.compile(r"(?P<hour>0*[0-9]{1,2})(:(?P<minute>[0-5][0-9]))?")
_Value = TypeVar("_Value")


def read_hours(text: str) -> HoursSchedule:
    """The schedule that the text names.

    Raises:
        TextProblemError: the text is not a schedule.
    """
    whole = Text.of(text)
    match whole.lowered:
        case "" | "on":
            return _filled({})
        case "off":
            return HoursSchedule()
    pieces: dict[str, Piece] = {}
    for piece in pieces_of(whole):
        if piece.name in pieces:
            raise TextProblemError(
                f"{piece.name}= is written twice, and only one of them can count.",
                f"Write all times in one list: {piece.name}=[(M-F,19),(S,13)]."
                if piece.name in ("on", "off")
                else "Remove one of them.",
                at=piece.at,
            )
        pieces[piece.name] = piece
    return _filled(pieces)


def _filled(pieces: dict[str, Piece]) -> HoursSchedule:
    on = _times(pieces["on"].value) if "on" in pieces else ()
    off = _times(pieces["off"].value) if "off" in pieces else ()
    _check_apart(on, off)
    default = not on and not off
    return HoursSchedule(
        on=(_at(7),) if default else tuple(one.time for one in on),
        off=(_at(19),) if default else tuple(one.time for one in off),
        timezone=_zone(pieces["tz"].value) if "tz" in pieces else None,
        until=_until(pieces["until"].value) if "until" in pieces else None,
        skip=_calendar(pieces["skip"].value) if "skip" in pieces else None,
    )


def _at(hour: int) -> WeekTime:
    """That hour from Monday to Friday, which is Cloud Custodian's default."""
    return WeekTime(days=_WEEKDAYS, minute=hour * 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """A time and the index at which it begins."""

    time: WeekTime
    at: int


def _times(value: Text) -> tuple[_Written, ...]:
    """``[(M-F,21),(U,18)]``, ``(M-F,21),(U,18)``, ``(M-F,21)`` or ``M-F,21``."""
    cursor = Cursor(value)
    bracket = cursor.take("[")
    found = [_time(cursor)]
    while cursor.take(","):
        found.append(_time(cursor))
    if bracket:
        cursor.expect("]", "The list that begins with [ has no end.", "Close it with ].")
    if cursor.rest:
        raise TextProblemError(
            f'"{cursor.rest}" is too much here.',
            "Separate the parts of a schedule by semicolons, and the times of a list by commas: "
            "off=[(M-F,19),(S,13)];on=(M-F,7).",
            at=cursor.at,
        )
    return tuple(found)


def _time(cursor: Cursor) -> _Written:
    at = cursor.at
    parenthesis = cursor.take("(")
    days = _days(*cursor.word(",();]"))
    cursor.expect(
        ",", "The hour is missing.", "Write the days, a comma and the hour, such as (M-F,19)."
    )
    minute = _minute(*cursor.word(",()]"))
    if parenthesis:
        cursor.expect(")", "The time that begins with ( has no end.", "Close it with ).")
    return _Written(time=WeekTime(days=days, minute=minute), at=at)


def _days(word: str, at: int) -> frozenset[int]:
    ends = [_DAYS.get(end.strip().lower()) for end in word.split("-")]
    first, last = ends[0], ends[-1]
    if first is None or last is None or len(ends) > 2:
        raise TextProblemError(f'"{word}" does not name days.', _DAY_FIX, at=at)
    return frozenset((first + step) % 7 for step in range((last - first) % 7 + 1))


def _minute(word: str, at: int) -> int:
    """The minute of the day of ``19`` or ``19:30``."""
    found = _HOUR.fullmatch(word)
    if found is None or int(found["hour"]) > 23:
        raise TextProblemError(
            f'"{word}" is not a time of day.',
            "Write an hour from 0 to 23, or hour and minute such as 19:30.",
            at=at,
        )
    return int(found["hour"]) * 60 + int(found["minute"] or 0)


def _check_apart(on: tuple[_Written, ...], off: tuple[_Written, ...]) -> None:
    """Check that nothing is to start and to stop at the same time."""
    for one in on:
        for other in off:
            if one.time.minute == other.time.minute and one.time.days & other.time.days:
                raise TextProblemError(
                    "Machines would start and stop at the same time of the same day.",
                    "Change one of the two times.",
                    at=max(one.at, other.at),
                )


@cache
def _zones_by_lowered_name() -> dict[str, str]:
    """The zones without regard to letter case: Cloud Custodian reads tags in lower case."""
    return {name.lower(): name for name in zone_names()}


def _zone(value: Text) -> str | None:
    """The IANA name; None for an empty value, which stands for the environment's zone."""
    if not value.chars:
        return None
    name = ZONE_ALIASES.get(value.lowered) or _zones_by_lowered_name().get(value.lowered)
    return name or _inside(value, read_zone)


def _until(value: Text) -> datetime:
    return _inside(value, read_instant)


def _calendar(value: Text) -> str:
    if not _CALENDAR.fullmatch(value.chars):
        raise TextProblemError(
            f'"{value.chars}" is not the name of a calendar.',
            "Write the name of a file of calendars/, without .yaml, or a country such as DE "
            "or DE-BE.",
            at=value.at,
        )
    return value.chars


def _inside(value: Text, read: Callable[[str], _Value]) -> _Value:
    """What ``read`` makes of the value; its mistakes are told at their place in the whole text."""
    try:
        return read(value.chars)
    except TextProblemError as error:
        rest = value.part(error.at, len(value.chars))
        raise TextProblemError(error.detail, error.fix, at=rest.at) from None
