"""Decides which off-hours hold for a machine. Pure."""

from __future__ import annotations

from datetime import date

from gitbot.decisions.hours.holidays import Calendars
from gitbot.decisions.hours.timetable import Timetable
from gitbot.language.time.hours import read_hours
from gitbot.model.desired import Environment
from gitbot.model.hours import MachineRules, OffHours


def hours_of(machine: MachineRules, rules: Environment) -> OffHours | None:
    """What the machine, its stack or else its environment says; None when nobody says anything."""
    return machine.off_hours or rules.off_hours


def timetable_of(hours: OffHours, rules: Environment, calendars: Calendars) -> Timetable:
    """The schedule with its time zone, and the holidays of the calendar that it names."""
    schedule = read_hours(hours.text)
    days = frozenset[date]() if schedule.skip is None else calendars(schedule.skip)
    return Timetable(
        schedule=schedule,
        timezone=schedule.timezone or rules.timezone,
        holidays=days,
    )


def in_force(hours: OffHours, table: Timetable) -> str:
    """The schedule and what it depends on, as a text that changes when what it means does."""
    return f"{hours.text or 'on'} in {table.timezone}"
