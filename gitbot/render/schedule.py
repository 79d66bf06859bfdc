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


def schedule_lines(data: Iterable[Mapping[str, Json]]) -> list[Line]:
    """A line for each item of ``schedule_data``."""
    lines = []
    for item in data:
        at = datetime.fromisoformat(str(item["at"]))
        words = instant_words(at, str(item["timezone"]))
        lines.append(Line(f"{words}  {item['environment']}  {item['work']}: {item['why']}"))
    return lines or [Line("Nothing waits for a time: no part of the schedule is switched on.")]


def schedule_data(rows: Iterable[Next], zones: Mapping[str, str]) -> list[Mapping[str, Json]]:
    """Everything that is still to come, the earliest first, with times in ISO 8601.

    ``zones`` are the time zones of the environments; UTC for one that is not there.
    """
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
