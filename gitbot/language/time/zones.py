"""Reads the names of time zones. Pure."""

from __future__ import annotations

from typing import Final

from gitbot.language.problems import suggest
from gitbot.model.text_problem import TextProblemError
from gitbot.model.zones import zone_names

ZONE_RULE: Final = "the IANA name of a time zone such as Europe/Berlin or UTC"


def read_zone(text: str) -> str:
    """The name, when there is such a zone.

    Raises:
        TextProblemError: there is none.
    """
    if text in zone_names():
        return text
    raise TextProblemError(
        f'"{text}" is not a time zone.', suggest(text, zone_names(), f"Write {ZONE_RULE}.")
    )
