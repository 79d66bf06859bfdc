"""Renders what waits for a time, for the terminal and for programs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TypeAlias

from gitbot.model.time import ScheduleRow
from gitbot.model.values import Json
from gitbot.model.zones import zone
from gitbot.render.instants import instant_words
from gitbot.render.terminal import Line

Next: TypeAlias = tuple[ScheduleRow, datetime | None]
"""A row and the instant at which it is due; None when it is never due again."""


def schedule_lines(rows: Iterable[Next], zones: Mapping[str, str]) -> list[Line]:
    """A line for everything that is still to come, the earliest first.

    ``zones`` are the time zones of the environments; UTC for one that is not there.
    """
    lines = []
    for row, at in _coming(rows):
        of = row.schedule
        place = of.environment.environment
        words = instant_words(at, zones.get(place, "UTC"))
        lines.append(Line(f"{words}  {place}  {of.work}: {of.why}"))
    return lines or [Line("Nothing waits for a time: no part of the schedule is switched on.")]


def schedule_data(rows: Iterable[Next], zones: Mapping[str, str]) -> list[Mapping[str, Json]]:
    """The same for programs, with times in ISO 8601."""
    return [_data(row, at, zones) for row, at in _coming(rows)]


def _data(row: ScheduleRow, at: datetime, zones: Mapping[str, str]) -> Mapping[str, Json]:
    of = row.schedule
    timezone = zones.get(of.environment.environment, "UTC")
    return {
        "environment": of.environment.environment,
        "work": of.work.value,
        "name": of.name,
        "at": at.astimezone(UTC).isoformat(),
        "local": at.astimezone(zone(timezone)).isoformat(),
        "timezone": timezone,
        "why": of.why,
        "lastFired": None if row.last_fired is None else row.last_fired.isoformat(),
    }


def _coming(rows: Iterable[Next]) -> list[tuple[ScheduleRow, datetime]]:
    coming = [(row, at) for row, at in rows if at is not None]
    return sorted(coming, key=lambda each: (each[1], each[0].schedule.environment))
