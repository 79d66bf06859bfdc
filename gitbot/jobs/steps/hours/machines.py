"""Gather the machines of an environment with their off-hours, and what the cloud shows. Shell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gitbot.decisions.hours.holidays import Calendars, calendars_at
from gitbot.decisions.hours.power import Machine, is_replaced
from gitbot.decisions.hours.rules import hours_of, in_force, timetable_of
from gitbot.decisions.hours.schedule import Watched, schedules_of
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.power.looking import Looked, is_machine, look_at
from gitbot.model.desired import Environment
from gitbot.model.hours import StackHours
from gitbot.model.names import Address, StackId
from gitbot.model.recorded import RecordedResource, RecordedStack
from gitbot.model.time import Schedule
from gitbot.ports.cloud import Cloud


@dataclass(frozen=True, slots=True, kw_only=True)
class StackMachines:
    """The recorded machines of one stack, what is known of their off-hours, and what they are."""

    recorded: RecordedStack
    hours: StackHours
    machines: Mapping[Address, RecordedResource] = field(default_factory=dict)
    watched: tuple[Watched, ...] = ()

    @property
    def stack(self) -> StackId:
        """The stack."""
        return self.recorded.id


def read_machines(
    ports: Ports, seen: Look, rules: Environment, now: datetime
) -> tuple[StackMachines, ...]:
    """The stacks of the environment with machines that off-hours watch, or have watched."""
    rows = ports.records.hours.of_environment(seen.key(rules.name))
    if not rows and not _asked(seen, rules):
        return ()  # what is switched off costs nothing
    calendars, found = calendars_at(seen.at_tip, rules.name, now), []
    states = {one.id: one for one in ports.engine.state.read_all(seen.key(rules.name))}
    for stack in rows.keys() - states.keys():  # it has another name now, or is gone
        states[stack] = ports.engine.state.read(stack)
    for recorded in states.values():
        hours = rows.get(recorded.id) or StackHours(stack=recorded.id)
        machines = {
            address: resource
            for address, resource in recorded.resources.items()
            if is_machine(ports.engine, resource) and not resource.kept
        }
        watched = tuple(_watched(recorded.id.name, machines, hours, rules, calendars))
        if watched or hours.machines:
            found.append(
                StackMachines(recorded=recorded, hours=hours, machines=machines, watched=watched)
            )
    return tuple(found)


def _asked(seen: Look, rules: Environment) -> bool:
    """Whether the tip has off-hours in the environment."""
    stacks = seen.wanted(rules.name).stacks.values()
    return rules.off_hours is not None or any(
        resource.machine.off_hours is not None
        for stack in stacks
        for resource in stack.resources.values()
    )


def _watched(
    name: str,
    machines: Mapping[Address, RecordedResource],
    hours: StackHours,
    rules: Environment,
    calendars: Calendars,
) -> Iterator[Watched]:
    for address, resource in machines.items():
        row, wanted = hours.machines.get(address), hours_of(resource.machine, rules)
        table = None if wanted is None else timetable_of(wanted, rules, calendars)
        if row is None and (table is None or table.schedule.opted_out):
            continue
        yield Watched(
            stack=name,
            address=address,
            table=table,
            schedule="" if wanted is None or table is None else in_force(wanted, table),
            enforce=wanted is not None and wanted.enforce,
            row=row,
            replaced=is_replaced(row, resource.remote_id),
            command=hours.command,
        )


def hours_schedules(
    ports: Ports, seen: Look, environment: Environment, now: datetime
) -> Iterable[Schedule]:
    """When the machines of the environment are looked at next; nothing without off-hours."""
    found = read_machines(ports, seen, environment, now)
    watched = tuple(one for each in found for one in each.watched)
    return schedules_of(seen.key(environment.name), watched, now)


def observe_machines(
    ports: Ports, cloud: Cloud, stacks: Sequence[StackMachines], now: datetime
) -> Mapping[StackId, Mapping[Address, Machine]]:
    """What is known of every watched machine, and what the cloud shows: one read for all.

    Raises:
        TransientError: the cloud did not answer.
    """
    watched = {
        (each.stack, one.address): each.machines[one.address]
        for each in stacks
        for one in each.watched
    }
    looked = look_at(ports.engine, cloud, watched, now)
    return {
        each.stack: {
            one.address: _machine(one, each.machines[one.address], looked[each.stack, one.address])
            for one in each.watched
        }
        for each in stacks
    }


def _machine(one: Watched, resource: RecordedResource, looked: Looked) -> Machine:
    return Machine(
        remote_id=resource.remote_id,
        table=one.table,
        schedule=one.schedule,
        enforce=one.enforce,
        power=looked.power,
        unread=looked.unread,
        row=one.row,
        command=one.command,
        busy=resource.machine.busy,
        working=looked.working,
    )
