"""Decides what ``/wake`` and ``/sleep`` ask of the machines of a stack. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from gitbot.decisions.hours.timetable import Timetable, next_events
from gitbot.errors import RefusedError
from gitbot.model.cloud import Power
from gitbot.model.durations import read_duration
from gitbot.model.hours import HoursCommand
from gitbot.model.zones import zone


def asked(
    power: Power,
    tables: Collection[Timetable],
    duration: str | None,
    by: str,
    now: datetime,
) -> HoursCommand:
    """What the command asks: for this long, or until the next event of any of the machines.

    Raises:
        RefusedError: the stack has no off-hours.
    """
    if not tables:
        raise RefusedError(
            "the stack has no machines with off-hours: gitbot neither starts nor stops them"
        )
    if duration is None:
        ends = [one.at for table in tables for one in next_events(table, now, 1)]
        return HoursCommand(power=power, at=now, until=min(ends, default=None), by=by)
    return HoursCommand(power=power, at=now, until=now + read_duration(duration), by=by)


def words_of(command: HoursCommand, timezone: str) -> str:
    """What will happen, with the instant in the environment's time zone and in UTC."""
    does = "start" if command.power is Power.RUNNING else "stop"
    if command.until is None:
        return f"its machines {does} now, and nothing in their schedule follows"
    local = command.until.astimezone(zone(timezone))
    return (
        f"its machines {does} now, and go by their schedule again from "
        f"{local:%a %Y-%m-%d %H:%M} ({timezone}; {command.until:%Y-%m-%d %H:%M} UTC)"
    )
