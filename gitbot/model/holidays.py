"""The public holidays of countries and their parts, from the pinned ``holidays`` package. Pure.

https://holidays.readthedocs.io
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache


@cache
def country_codes() -> frozenset[str]:
    """The names of all calendars of countries: ``DE`` and, with a part of it, ``DE-BE``."""
    import holidays  # slow, and few repositories need it

    known = holidays.list_supported_countries()
    parts = (f"{country}-{part}" for country, parts in known.items() for part in parts)
    return frozenset(known) | frozenset(parts)


def country_days(code: str, years: Iterable[int]) -> frozenset[date]:
    """The holidays of these years.

    Raises:
        KeyError: there is no such calendar.
    """
    if code not in country_codes():
        raise KeyError(code)
    country, _, part = code.partition("-")
    return frozenset(_days(country, part, tuple(sorted(years))))


@cache
def _days(country: str, part: str, years: tuple[int, ...]) -> frozenset[date]:
    import holidays

    found = holidays.country_holidays(country, subdiv=part or None, years=years)
    return frozenset(found)
