"""Off-hours: the schedule that a spec names, and what it wants of machines. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gitbot.model.cloud import Power


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekTime:
    """A time of day on some days of the week. Monday is 0; ``minute`` counts from midnight."""

    days: frozenset[int]
    minute: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursSchedule:
    """When machines start (``on``) and stop (``off``), in the local time of ``timezone``.

    Without ``on`` nothing is ever started, without ``off`` nothing is ever stopped; with neither,
    the stack has no off-hours. ``timezone`` is an IANA name, or None for the environment's.
    ``until`` ends the schedule. ``skip`` names the calendar of days on which machines stay stopped.
    """

    on: tuple[WeekTime, ...] = ()
    off: tuple[WeekTime, ...] = ()
    timezone: str | None = None
    until: datetime | None = None
    skip: str | None = None

    @property
    def opted_out(self) -> bool:
        """Whether it neither starts nor stops anything."""
        return not self.on and not self.off

    @property
    def two_sided(self) -> bool:
        """Whether it says at every time what machines should be."""
        return bool(self.on and self.off)


class EventKind(StrEnum):
    """Why machines start or stop at an instant."""

    TIME = "time"
    HOLIDAY = "holiday"
    AFTER_HOLIDAY = "after holiday"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursEvent:
    """One instant at which machines should start or stop; ``power`` is RUNNING or STOPPED."""

    at: datetime
    power: Power
    kind: EventKind = EventKind.TIME
