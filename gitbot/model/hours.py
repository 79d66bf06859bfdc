"""Off-hours: the schedule that a spec names, and what it wants of machines. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from gitbot.model.cloud import Power
from gitbot.model.names import Address, RemoteId, StackId


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
    COMMAND = "command"
    AFTER_COMMAND = "after command"


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

    def __str__(self) -> str:
        """What people read: ``off=(M-F,19);on=(M-F,7), enforced``."""
        return (self.text or "on") + (", enforced" if self.enforce else "")


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
MACHINE_SETTINGS = ("offhours", "offhours.enforce", "busy", "preStop", "instanceStore", "placement")
"""The names by which plans show what a spec says about the power of a machine."""


class Working(StrEnum):
    """Whether a machine works, as far as it is known."""

    IDLE = "idle"
    BUSY = "busy"
    UNKNOWN = "unknown"


LONGEST_COMMAND = timedelta(days=30)
"""How long a command can keep machines from their schedule: what lasts longer belongs in the spec."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursCommand:
    """``/wake`` or ``/sleep``: what somebody wants of a stack's machines instead of the schedule.

    It holds from ``at`` to before ``until``; None for ever.
    """

    power: Power
    at: datetime
    until: datetime | None
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineRow:
    """What off-hours have done to one machine.

    ``schedule`` is the text that was in force when it was last looked at. ``done_at`` is the last
    event that was done, or that was over before gitbot knew the machine. ``power`` is what gitbot
    made of the machine then; None when it has done nothing yet.

    ``failure`` says why the machine has not the power that it should have; empty when it has it, and
    ``failing_since`` is when that began. ``allowed`` is False when gitbot has not tried, because
    something forbids it now. ``waits_since`` is when a stop was first put off because the machine
    worked, and ``noticed_at`` when its people were told that it will be stopped anyway. ``again_at``
    is when it is looked at again because of that. ``pre_stop`` says why the command before its last
    stop failed; empty when it did not. ``told`` is what people were last told of it.
    """

    remote_id: RemoteId
    schedule: str
    done_at: datetime
    power: Power | None = None
    failure: str = ""
    failing_since: datetime | None = None
    allowed: bool = True
    waits_since: datetime | None = None
    noticed_at: datetime | None = None
    again_at: datetime | None = None
    pre_stop: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackHours:
    """What off-hours have done to the machines of one stack, and the last command about them."""

    stack: StackId
    machines: Mapping[Address, MachineRow] = field(default_factory=dict)
    command: HoursCommand | None = None
