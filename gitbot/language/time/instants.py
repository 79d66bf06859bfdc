"""Reads dates and times, with and without an offset. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from gitbot.model.text_problem import TextProblemError

INSTANT_RULE: Final = "a time with its offset such as 2026-12-01T18:00:00+01:00"
MOMENT_RULE: Final = "a date such as 2026-12-24 or a time such as 2026-12-24T18:00"
# https://www.rfc-editor.org/rfc/rfc3339#section-5.6, with the seconds left to the writer.
_DATE = r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
_TIME = r"(?P<time>[0-9]{2}:[0-9]{2}(?::[0-9]{2})?)"
_OFFSET = r"(?P<offset>[Zz]|[+-][0-9]{2}:[0-9]{2})"
_MOMENT = re.compile(rf"{_DATE}(?:[Tt ]{_TIME}{_OFFSET}?)?")


def read_instant(text: str) -> datetime:
    """The instant, in UTC.

    Raises:
        TextProblemError: it is not a time, or has no offset.
    """
    moment = read_moment(text, rule=INSTANT_RULE)
    if moment.tzinfo is None:
        raise TextProblemError(
            f'"{text}" does not say in which time zone.', f"Write {INSTANT_RULE}.", at=len(text)
        )
    return moment


def read_moment(text: str, *, rule: str = MOMENT_RULE) -> datetime:
    """The time: in UTC when the text gives an offset, else without a zone.

    A time without a zone is a local time in the ``timezone`` of the environment:
    ``model.zones.instant_of`` makes an instant of it. A date means its end, which is the midnight
    after it.

    Raises:
        TextProblemError: it is neither a date nor a time.
    """
    found = _MOMENT.fullmatch(text)
    if found is None:
        known = _MOMENT.match(text)
        raise TextProblemError(
            f'"{text}" is not a date or time.', f"Write {rule}.", at=known.end() if known else 0
        )
    day = _checked(found["date"], text, rule, at=0)
    if found["time"] is None:
        return day + timedelta(days=1)
    wall = f"{found['date']}T{found['time']}"
    local = _checked(wall, text, rule, at=found.start("time"))
    if found["offset"] is None:
        return local
    at = found.start("offset")
    return _checked(f"{wall}{found['offset'].upper()}", text, rule, at=at).astimezone(UTC)


def _checked(iso: str, text: str, rule: str, *, at: int) -> datetime:
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        moment = None
    # The last and first days of the calendar leave no room for offsets.
    if moment is None or not 1970 <= moment.year <= 9998:
        raise TextProblemError(
            f'"{text}" is not a date or time that exists.', f"Write {rule}.", at=at
        )
    return moment
