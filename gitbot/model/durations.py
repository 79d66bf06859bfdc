"""Reads durations such as ``30m`` and ``1d12h``. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from gitbot.model.text_problem import TextProblemError

DURATION_PATTERN: Final = r"(?=.)([0-9]{1,8}d)?([0-9]{1,8}h)?([0-9]{1,8}m)?([0-9]{1,8}s)?"
DURATION_RULE: Final = 'a duration such as "30m", "72h" or "1d12h"'
_WHOLE = re.compile(DURATION_PATTERN)
_BEGINNING = re.compile(DURATION_PATTERN.removeprefix("(?=.)"))
_UNITS = ("days", "hours", "minutes", "seconds")


def read_duration(text: str) -> timedelta:
    """The duration: whole numbers of days, hours, minutes and seconds, in this order.

    Raises:
        TextProblemError: it is something else.
    """
    found = _WHOLE.fullmatch(text)
    if found is None:
        known = _BEGINNING.match(text)
        raise TextProblemError(
            f'"{text}" is not a duration.',
            f"Write {DURATION_RULE}.",
            at=known.end() if known else 0,
        )
    parts = (int(part[:-1]) if part else 0 for part in found.groups())
    return timedelta(**dict(zip(_UNITS, parts, strict=True)))


def duration_between(least: timedelta, most: timedelta) -> Callable[[str], timedelta]:
    """A reader of durations that refuses those below ``least`` and above ``most``."""

    def read(text: str) -> timedelta:
        duration = read_duration(text)
        if not least <= duration <= most:
            raise TextProblemError(
                f'"{text}" is too {"short" if duration < least else "long"}.',
                f"Write at least {duration_words(least)} and at most {duration_words(most)}.",
            )
        return duration

    return read


def duration_words(duration: timedelta) -> str:
    """The duration as specs write it: ``1d12h``; ``0s`` for none. Parts of seconds are left out."""
    seconds = int(duration.total_seconds())
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
