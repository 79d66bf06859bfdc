"""The values of a schedule: what runs, when, and what a missed firing means. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from gitbot.model.names import EnvironmentKey


class Work(StrEnum):
    """What a schedule wakes. Each part of the work owns its rows."""

    DRIFT = "drift"
    EXPIRY = "expiry"
    HOURS = "hours"
    FREEZE = "freeze"
    PROMOTION = "promotion"


class Missed(StrEnum):
    """What a firing means that was due while no server ran."""

    ONCE = "once"
    """The newest of the missed firings happens later, once."""
    LEVEL = "level"
    """The same; and what is due at one instant stays due: it fires again, some minutes apart, until
    the job has replaced its schedules, as it does once the state is as it should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CronFields:
    """The five fields of a cron expression as sets of numbers. Sunday is 0.

    ``any_day`` and ``any_weekday`` say that the field is ``*``. When neither is, a day fires that
    matches either field, as POSIX says:
    https://pubs.opengroup.org/onlinepubs/9699919799/utilities/crontab.html
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_day: bool
    any_weekday: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Every:
    """At every multiple of ``interval``, at the same instants on every server."""

    interval: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """At the local times of ``timezone`` (an IANA name) that the expression names."""

    expression: str
    timezone: str
    fields: CronFields


@dataclass(frozen=True, slots=True, kw_only=True)
class At:
    """Once, at this instant."""

    instant: datetime


When: TypeAlias = Every | Cron | At


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What one environment waits for.

    ``name`` is unique within the environment and its ``work``. ``why`` says for people what will
    happen, such as ``the second warning before dev/trainer expires``.
    """

    name: str
    environment: EnvironmentKey
    work: Work
    when: When
    why: str
    missed: Missed


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRow:
    """A schedule as the store keeps it.

    ``since`` is when it was first wanted. ``last_fired`` is the instant of its last firing, which
    its job was enqueued for; None before the first.
    """

    schedule: Schedule
    since: datetime
    last_fired: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """A schedule that is due, for this instant."""

    schedule: Schedule
    instant: datetime

    @property
    def reason(self) -> str:
        """The reason of its job. Every server that fires for the instant makes the same job."""
        return f"{self.instant.astimezone(UTC).isoformat()}:{self.schedule.name}"
