"""Say in words where a text stops to fit a regular expression, for people who do not read those. Pure."""

from __future__ import annotations

import regex

from gitbot.language.value_keywords import flags_of

_MOST_CHARACTERS = 256
_PATIENCE_S = 0.1


def where_it_stops(pattern: str, text: str) -> str:
    """What to say of the text behind its name: where it stops to fit, or that it ends too early.

    Empty where that cannot be said: the pattern may begin anywhere, or has alternatives that take too long.
    """
    if not pattern.startswith(("^", r"\A")) or len(text) > _MOST_CHARACTERS:
        return ""
    try:
        compiled = regex.compile(pattern, flags_of(pattern))
        fits = _longest(compiled, text)
    except (regex.error, TimeoutError):
        return ""
    if fits == len(text):
        return "it ends too early"
    return f"character {fits + 1}, {text[fits]!r}, does not fit there"


def _longest(compiled: regex.Pattern[str], text: str) -> int:
    """How many characters from the start a longer text could have that fits."""
    low, high = 0, len(text)
    while low < high:  # what begins a fitting text does so for each shorter one
        middle = (low + high + 1) // 2
        found = compiled.match(text[:middle], partial=True, timeout=_PATIENCE_S)
        low, high = (middle, high) if _reaches(found, middle) else (low, middle - 1)
    return low


def _reaches(found: regex.Match[str] | None, length: int) -> bool:
    return found is not None and (found.partial or found.end() == length)
