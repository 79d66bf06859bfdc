"""Decides what a pull request says about the off-hours of machines, and about their stops. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from gitbot.decisions.expiry.instants import nominal
from gitbot.decisions.hours.holidays import Calendars
from gitbot.decisions.hours.power import upcoming
from gitbot.decisions.hours.rules import hours_of, timetable_of
from gitbot.decisions.hours.timetable import (
    Timetable,
    last_event,
    next_events,
    stopped_hours_a_week,
)
from gitbot.decisions.hours.working import CPU_METRIC
from gitbot.model.cloud import Power
from gitbot.model.desired import DesiredResource, DesiredStack, Environment
from gitbot.model.hours import EventKind, HoursCommand, HoursEvent
from gitbot.model.names import Address
from gitbot.model.placement import is_spot_alone, sizes_of
from gitbot.model.plan import Action, Change
from gitbot.model.schema import SchemaLookup, Switch
from gitbot.model.zones import zone

SHOWN_EVENTS = 4
_WEEK_HOURS = 168
_WORDS = {
    EventKind.HOLIDAY: " (holiday)",
    EventKind.AFTER_HOLIDAY: " (end of the holiday)",
    EventKind.END: " (end of the schedule)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stopped:
    """A machine of the stack that something stops: its off-hours, or the end of its stack."""

    resource: DesiredResource
    switch: Switch

    def may_be(self, sizes: tuple[str, ...]) -> bool:
        """Whether its size may begin with one of these; False when only the cloud can tell."""
        known = sizes_of(self.resource.properties, self.switch.size)
        return any(one.startswith(sizes) for one in known)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sleeper(_Stopped):
    """A machine of the stack with off-hours."""

    table: Timetable


def hours_remarks(
    stack: DesiredStack | None,
    changes: Sequence[Change],
    rules: Environment,
    schemas: SchemaLookup,
    calendars: Calendars,
    now: datetime,
    *,
    command: HoursCommand | None = None,
) -> tuple[str, ...]:
    """Sentences in Markdown: the next transitions of each schedule, what it saves, and its risks.

    ``command`` is the last ``/wake`` or ``/sleep`` of the stack.
    """
    if stack is None:
        return ()
    every = list(_sleepers(stack, rules, schemas, calendars))
    sleepers = [one for one in every if not is_spot_alone(one.resource.properties)]
    awake = [one for one in every if one not in sleepers]
    tables: dict[Timetable, list[_Sleeper]] = {}
    for one in sleepers:
        tables.setdefault(one.table, []).append(one)
    made = {
        change.address for change in changes if change.action in (Action.CREATE, Action.REPLACE)
    }
    return (
        *(
            [f"Off-hours cannot stop {_names(awake)}: AWS stops no machine on spot."]
            if awake
            else ()
        ),
        *(_transitions(table, some, command, now) for table, some in tables.items()),
        *_made_now(sleepers, made, now),
        *_no_capacity(sleepers),
        *_risks(list(_stopped(stack, sleepers, rules, schemas, now))),
    )


def _stopped(
    stack: DesiredStack,
    sleepers: Sequence[_Sleeper],
    rules: Environment,
    schemas: SchemaLookup,
    now: datetime,
) -> Iterator[_Stopped]:
    """The machines that something stops; all of a stack that expires, as expiry stops them first."""
    if nominal(stack.name, stack.lifetime, rules.expiry, now) is None:
        yield from sleepers
        return
    for resource in stack.resources.values():
        schema = schemas(resource.type)
        if schema is not None and schema.switch is not None:
            yield _Stopped(resource=resource, switch=schema.switch)


def _sleepers(
    stack: DesiredStack, rules: Environment, schemas: SchemaLookup, calendars: Calendars
) -> Iterator[_Sleeper]:
    for resource in stack.resources.values():
        schema, hours = schemas(resource.type), hours_of(resource.machine, rules)
        if schema is None or schema.switch is None or hours is None:
            continue
        table = timetable_of(hours, rules, calendars)
        if not table.schedule.opted_out:
            yield _Sleeper(resource=resource, switch=schema.switch, table=table)


def _transitions(
    table: Timetable, some: Sequence[_Sleeper], command: HoursCommand | None, now: datetime
) -> str:
    events = upcoming(table, command, now, SHOWN_EVENTS)
    place = zone(table.timezone)
    shown = ", ".join(
        f"{'starts' if one.power is Power.RUNNING else 'stops'} "
        f"{one.at.astimezone(place):%a %Y-%m-%d %H:%M}{_WORDS.get(one.kind, '')}"
        for one in events
    )
    held = _held(command, table, now)
    nothing = "nothing follows" if held else "its schedule is over, and nothing follows"
    when = f"{shown} ({table.timezone})" if events else nothing
    hours = stopped_hours_a_week(table.schedule)
    saves = f" It saves {hours:g} of {_WEEK_HOURS} hours a week." if hours is not None else ""
    return f"Off-hours of {_names(some)}: {when}.{held}{saves}"


def _held(command: HoursCommand | None, table: Timetable, now: datetime) -> str:
    """What a command that holds now does; empty when none does."""
    if command is None or (command.until is not None and command.until <= now):
        return ""
    verb = "wake" if command.power is Power.RUNNING else "sleep"
    until = "without an end" if command.until is None else f"until {_shown(command.until, table)}"
    return f" Now `/{verb}` of {command.by} holds, {until}."


def _made_now(sleepers: Sequence[_Sleeper], made: set[Address], now: datetime) -> Iterator[str]:
    """Say until when a machine runs that is made off-hours."""
    for one in sleepers:
        before = last_event(one.table, now)
        if one.resource.address not in made or before is None or before.power is Power.RUNNING:
            continue
        stop = next((e for e in next_events(one.table, now, 20) if e.power is Power.STOPPED), None)
        until = "runs on" if stop is None else f"runs until {_local(stop, one.table)}"
        yield f"It is off-hours now: `{one.resource.address}`, made now, {until}."


def _local(event: HoursEvent, table: Timetable) -> str:
    return _shown(event.at, table)


def _shown(at: datetime, table: Timetable) -> str:
    return f"{at.astimezone(zone(table.timezone)):%a %Y-%m-%d %H:%M} ({table.timezone})"


def _gpus(machines: Iterable[_Stopped]) -> list[_Stopped]:
    return [one for one in machines if one.may_be(one.switch.gpus)]


def _no_capacity(sleepers: Sequence[_Sleeper]) -> Iterator[str]:
    if gpus := _gpus(sleepers):
        yield (
            f"{_names(gpus)} may find no capacity in the morning: AWS keeps no place for a machine "
            "that is stopped, and neither it nor its volumes can change zone."
        )


def _risks(machines: Sequence[_Stopped]) -> Iterator[str]:
    if wiped := [one for one in machines if one.may_be(one.switch.wiped)]:
        yield (
            f"AWS wipes the local disks (instance store) of {_names(wiped)} at every stop: keep what "
            "you need on EBS or S3."
        )
    blind = [one for one in _gpus(machines) if _by_processor(one.resource)]
    if blind:
        yield (
            f"On {_names(blind)} an idle processor does not mean that nothing runs, so it counts as "
            "busy until `busy.atMost`. Let the CloudWatch agent collect `nvidia_gpu`, and name its "
            "metric `nvidia_smi_utilization_gpu` of `CWAgent` in `busy`."
        )


def _by_processor(resource: DesiredResource) -> bool:
    busy = resource.machine.busy
    return busy is not None and busy.metric is not None and busy.metric.name == CPU_METRIC


def _names(some: Sequence[_Stopped]) -> str:
    return ", ".join(f"`{one.resource.address}`" for one in some)
