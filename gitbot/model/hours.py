"""Off-hours: the schedule that a spec names, and what it wants of machines. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
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


@dataclass(frozen=True, slots=True, kw_only=True)
class OffHours:
    """``offhours`` of an environment, a stack or a resource.

    ``text`` is the schedule as it is written. ``enforce``: what somebody started or stopped is put
    back, instead of leaving it until the next event.
    """

    text: str
    enforce: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BusyMetric:
    """A CloudWatch metric of a machine that is ``above`` a value while the machine works.

    The dimension is the machine's ``InstanceId``. ``statistic`` is one of CloudWatch's, over the
    last ``window``.
    """

    namespace: str
    name: str
    statistic: str = "Maximum"
    above: float
    window: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Busy:
    """How it is known that a machine works: by ``metric``, or by the tag ``gitbot:busy-until``.

    A machine that works, or of which nobody knows, is stopped ``at_most`` this long after it
    should have been.
    """

    metric: BusyMetric | None = None
    at_most: timedelta = timedelta(hours=12)

    def __str__(self) -> str:
        """What people read: ``tag gitbot:busy-until, for at most 12h``."""
        one = self.metric
        how = "tag gitbot:busy-until"
        if one is not None:
            minutes = int(one.window.total_seconds() // 60)
            how = f"{one.statistic} of {one.namespace} {one.name} above {one.above:g} in {minutes}m"
        return f"{how}, for at most {self.at_most.total_seconds() / 3600:g}h"


@dataclass(frozen=True, slots=True, kw_only=True)
class PreStop:
    """A shell command that runs on a machine before it is stopped, for at most ``timeout``."""

    command: str
    timeout: timedelta = timedelta(minutes=5)

    def __str__(self) -> str:
        """What people read: ``save-work.sh, for at most 5m``."""
        return f"{self.command}, for at most {self.timeout.total_seconds() / 60:g}m"


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineRules:
    """What a spec says about the power of one machine.

    ``off_hours`` is None where only the environment's default counts. ``discards_disks``: what is on
    its instance store may be lost (``instanceStore: discard``).
    """

    off_hours: OffHours | None = None
    busy: Busy | None = None
    pre_stop: PreStop | None = None
    discards_disks: bool = False


NO_RULES = MachineRules()
MACHINE_SETTINGS = ("offhours", "offhours.enforce", "busy", "preStop", "instanceStore")
"""The names by which plans show what a spec says about the power of a machine."""
