"""Reads cron expressions of five fields, as POSIX means them, with names and steps. Pure.

https://pubs.opengroup.org/onlinepubs/9699919799/utilities/crontab.html
Where other programs disagree on what an expression means, it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from gitbot.model.text_problem import TextProblemError
from gitbot.model.time import CronFields

CRON_RULE: Final = 'five fields: minute, hour, day of month, month, day of week ("0 17 * * FRI")'
_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
_LONGEST_MONTH = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
_WORD = re.compile(r"[^\s]+")
_ITEM = re.compile(r"(?P<first>[A-Za-z0-9]+)(?:-(?P<last>[A-Za-z0-9]+))?(?:/(?P<step>[0-9]{1,3}))?")
_STAR = re.compile(r"\*(?:/(?P<step>[0-9]{1,3}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """One of the five fields."""

    name: str
    least: int
    most: int
    names: Mapping[str, int] = field(default_factory=dict)


_PLACES = (
    _Place(name="minute", least=0, most=59),
    _Place(name="hour", least=0, most=23),
    _Place(name="day of month", least=1, most=31),
    _Place(name="month", least=1, most=12, names={m: n for n, m in enumerate(_MONTHS, 1)}),
    # Sunday is 0 and 7. At the end of a range SUN is 7, so that FRI-SUN runs forwards.
    _Place(name="day of week", least=0, most=7, names={d: n for n, d in enumerate(_WEEKDAYS)}),
)


def read_cron(text: str) -> CronFields:
    """The fields of the expression.

    Raises:
        TextProblemError: it cannot be read, never fires, or means different things to different
            programs.
    """
    words = [(match.group(), match.start()) for match in _WORD.finditer(text)]
    if text.startswith("@") or len(words) != len(_PLACES):
        at = words[len(_PLACES)][1] if len(words) > len(_PLACES) else len(text.rstrip())
        raise TextProblemError(
            f'"{text}" is not a cron expression.',
            f"Write {CRON_RULE}.",
            at=0 if text.startswith("@") else at,
        )
    sets = [
        frozenset(_field(word, at, place)) for (word, at), place in zip(words, _PLACES, strict=True)
    ]
    (day, day_at), (weekday, weekday_at) = words[2], words[4]
    _refuse_steps_beside(day, day_at, weekday, "1-31")
    _refuse_steps_beside(weekday, weekday_at, day, "0-6")
    minutes, hours, days, months, weekdays = sets
    cron = CronFields(
        minutes=minutes,
        hours=hours,
        days=days,
        months=months,
        weekdays=frozenset(one % 7 for one in weekdays),
        any_day=day == "*",
        any_weekday=weekday == "*",
    )
    if cron.any_weekday and all(min(days) > _LONGEST_MONTH.get(one, 31) for one in months):
        raise TextProblemError(
            f'"{text}" never fires: none of its months has such a day.',
            "Correct the day of month or the month.",
            at=day_at,
        )
    return cron


def _refuse_steps_beside(word: str, at: int, other: str, all_: str) -> None:
    """Refuse ``*/2`` in one field of days while the other is given.

    POSIX has no steps, and cron programs disagree on whether such a field counts as given.
    """
    if word.startswith("*/") and other != "*":
        raise TextProblemError(
            f'"{word}" beside another field of days means "and" to some programs and "or" to others.',
            f'Write "{all_}{word[1:]}" for "or".',
            at=at,
        )


def _field(word: str, at: int, place: _Place) -> Iterator[int]:
    for item in word.split(","):
        yield from _item(item, at, place)
        at += len(item) + 1


def _item(item: str, at: int, place: _Place) -> range:
    if star := _STAR.fullmatch(item):
        most = 6 if place.most == 7 else place.most
        return range(place.least, most + 1, _step(star["step"], item, at, place))
    found = _ITEM.fullmatch(item)
    if found is None or (found["step"] and not found["last"]):
        raise _refusal(item, at, place)
    first = _number(found["first"], at, place)
    if found["last"] is None:
        return range(first, first + 1)
    last = _number(found["last"], at + found.start("last"), place)
    if place.most == 7 and last == 0 and first > 0 and found["last"].upper() == "SUN":
        last = 7
    if first > last:
        raise TextProblemError(
            f'"{item}" runs backwards in the field for the {place.name}.',
            "Write two ranges with a comma between them.",
            at=at,
        )
    return range(first, last + 1, _step(found["step"], item, at, place))


def _step(text: str | None, item: str, at: int, place: _Place) -> int:
    step = 1 if text is None else int(text)
    if not 1 <= step <= place.most:
        raise _refusal(item, at, place)
    return step


def _number(text: str, at: int, place: _Place) -> int:
    number = place.names.get(text.upper())
    if number is None and text.isdecimal() and len(text) <= 2:
        number = int(text)
    if number is None or not place.least <= number <= place.most:
        raise _refusal(text, at, place)
    return number


def _refusal(item: str, at: int, place: _Place) -> TextProblemError:
    names = f" or {', '.join(place.names)}" if place.names else ""
    return TextProblemError(
        f'"{item}" is not allowed in the field for the {place.name}.',
        f'Write "*", numbers from {place.least} to {place.most}{names}; lists with commas, ranges '
        'with a hyphen, and steps as in "*/5" or "10-40/5".',
        at=at,
    )
