"""Decides on which days the machines of a calendar stay stopped. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TypeAlias

from gitbot.model.desired import LoadedTree
from gitbot.model.holidays import country_codes, country_days

Calendars: TypeAlias = Callable[[str], frozenset[date]]
"""The days of a calendar around now, by its name."""


def calendars_at(tree: LoadedTree, environment: str, now: datetime) -> Calendars:
    """The calendars that the environment uses of the tree, which win over those of countries.

    A calendar that neither has is empty: the tree has a diagnostic for it.
    """
    years = range(now.year - 1, now.year + 3)

    def days(name: str) -> frozenset[date]:
        own = tree.calendars_of(environment).get(name)
        if own is not None:
            return own
        return country_days(name, years) if name in country_codes() else frozenset()

    return days
