"""Decides what ``/wake`` and ``/sleep`` ask of the machines of a stack. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from gitbot.decisions.hours.power import effective_event
from gitbot.decisions.hours.timetable import Timetable, next_events
from gitbot.errors import RefusedError
from gitbot.model.cloud import Power
from gitbot.model.durations import read_duration
from gitbot.model.hours import HoursCommand, HoursEvent
from gitbot.render.instants import instant_words


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


def words_of(command: HoursCommand, tables: Sequence[Timetable]) -> str:
    """What will happen, and when the schedule counts again and what it does then.

    ``tables`` are those that the command was asked with. Instants are in the time zone of the
    schedule that acts first, and in UTC.
    """
    now = f"its machines {_DOES[command.power]} now"
    if command.until is None:
        return f"{now}, and nothing in their schedule follows"
    until = command.until
    nexts = [(one, table.timezone) for table in tables for one in next_events(table, until, 1)]
    first, timezone = min(nexts, key=lambda pair: pair[0].at, default=(None, tables[0].timezone))
    words = f"{now}. From {instant_words(until, timezone)} on they go by their schedule: "
    words += _then(command, [effective_event(table, command, until) for table in tables])
    if first is None:
        return words
    return f"{words}, and the next {_DOES[first.power]} is {instant_words(first.at, timezone)}"


_DOES = {Power.RUNNING: "start", Power.STOPPED: "stop"}


def _then(command: HoursCommand, events: Sequence[HoursEvent | None]) -> str:
    """What the machines do when the command is over, as a clause."""
    powers = {command.power if event is None else event.power for event in events}
    if len(powers) > 1:
        return "each starts or stops as its own says"
    if command.power not in powers:
        return f"they {_DOES[powers.pop()]} then"
    return "they stay stopped" if command.power is Power.STOPPED else "they go on running"
