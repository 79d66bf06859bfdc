"""Decides when off-hours look at a machine next. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gitbot.decisions.hours.power import effective_event, upcoming
from gitbot.decisions.hours.timetable import Timetable
from gitbot.model.cloud import Power
from gitbot.model.hours import HoursCommand, HoursEvent, MachineRow
from gitbot.model.names import Address, EnvironmentKey
from gitbot.model.time import At, Missed, Schedule, Work

ENFORCED = timedelta(minutes=10)
"""How often a machine is looked at whose schedule is enforced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What is known of one machine without asking the cloud. ``table`` is None without off-hours.

    ``replaced``: the row is that of the machine whose place it has taken.
    """

    stack: str
    address: Address
    table: Timetable | None
    schedule: str = ""
    enforce: bool = False
    row: MachineRow | None = None
    replaced: bool = False
    command: HoursCommand | None = None


def schedules_of(
    environment: EnvironmentKey, machines: tuple[Watched, ...], now: datetime
) -> tuple[Schedule, ...]:
    """When to look at these machines, one schedule each at most."""
    found = []
    for one in machines:
        instant, why = _next_look(one, now)
        if instant is not None:
            name = f"{one.stack}/{one.address}"
            found.append(
                Schedule(
                    name=name,
                    environment=environment,
                    work=Work.HOURS,
                    when=At(instant=instant),
                    why=f"{environment.environment}/{name}: {why}",
                    missed=Missed.LEVEL,
                )
            )
    return tuple(found)


def _next_look(one: Watched, now: datetime) -> tuple[datetime | None, str]:
    row, table = one.row, one.table
    if table is None or table.schedule.opted_out:
        return (None if row is None else row.again_at or now), "its off-hours have ended"
    if row is None or one.replaced or row.schedule != one.schedule:
        return now, "its off-hours begin"
    looks = [(event.at, words_of(event)) for event in upcoming(table, one.command, now, 1)]
    event = effective_event(table, one.command, now)
    if row.again_at is not None:
        why = "it has not the power that it should have" if row.failure else "it works"
        looks.append((row.again_at, why))
    elif event is not None and event.at > row.done_at:
        looks.append((now, words_of(event)))
    elif one.enforce:
        # The grid does not move when this is asked again in between.
        times = (now - row.done_at) // ENFORCED + 1
        looks.append((row.done_at + times * ENFORCED, "whether it is as its schedule says"))
    return min(looks, default=(None, ""))


def words_of(event: HoursEvent) -> str:
    """What happens at the event."""
    return "it starts" if event.power is Power.RUNNING else "it stops"
