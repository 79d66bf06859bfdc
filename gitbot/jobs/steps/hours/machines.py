"""Gather the machines of an environment with their off-hours, and what the cloud shows. Shell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gitbot.decisions.hours.deeds import Machine, working_by_metric, working_by_tag
from gitbot.decisions.hours.holidays import Calendars, calendars_at
from gitbot.decisions.hours.rules import hours_of, in_force, timetable_of
from gitbot.decisions.hours.schedule import Watched, schedules_of
from gitbot.errors import CloudError
from gitbot.jobs.steps.look import Look, Ports
from gitbot.model.desired import Environment
from gitbot.model.hours import Busy, BusyMetric, StackHours, Working
from gitbot.model.names import Address, RemoteId, StackId
from gitbot.model.observed import Observation, Present, ReadRequest
from gitbot.model.recorded import RecordedResource, RecordedStack
from gitbot.model.tags import BUSY_TAG
from gitbot.model.time import Schedule
from gitbot.ports.cloud import Cloud
from gitbot.reconciler.power import power_in
from gitbot.reconciler.tags import tag_value


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
    schemas, calendars = ports.engine.clouds.schemas, calendars_at(seen.at_tip, now)
    found = []
    states = {one.id: one for one in ports.engine.state.read_all(seen.key(rules.name))}
    for stack in rows.keys() - states.keys():  # it has another name now, or is gone
        states[stack] = ports.engine.state.read(stack)
    for recorded in states.values():
        hours = rows.get(recorded.id) or StackHours(stack=recorded.id)
        machines = {
            address: resource
            for address, resource in recorded.resources.items()
            if (schema := schemas(resource.type)) and schema.switch and not resource.kept
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
    """What is known of every watched machine, and what the cloud shows: one read for all."""
    requests = [
        ReadRequest(
            address=Address(f"{number}/{one.address}"),
            type=(resource := each.machines[one.address]).type,
            remote_id=resource.remote_id,
            route=resource.route,
            surfaces=frozenset(),
        )
        for number, each in enumerate(stacks)
        for one in each.watched
    ]
    shown = _read(ports, cloud, requests)
    measured = _measured(ports, cloud, stacks)
    return {
        each.stack: {
            one.address: _machine(
                ports,
                one,
                each.machines[one.address],
                shown[Address(f"{number}/{one.address}")],
                measured,
                now,
            )
            for one in each.watched
        }
        for number, each in enumerate(stacks)
    }


def _read(
    ports: Ports, cloud: Cloud, requests: Sequence[ReadRequest]
) -> Mapping[Address, Observation | str]:
    """What the cloud shows of each machine, or why it shows nothing of it.

    After a refusal each machine is read alone, so that one keeps no other from its off-hours.
    """
    if not requests:
        return {}
    try:
        return cloud.read(requests)
    except CloudError as error:
        if len(requests) == 1:
            return {requests[0].address: ports.engine.hide(str(error))}
    return {key: one for each in requests for key, one in _read(ports, cloud, [each]).items()}


def _measure(
    cloud: Cloud, metric: BusyMetric, ids: Sequence[RemoteId]
) -> Mapping[RemoteId, float | None]:
    """The metric of each machine; None where it is refused: nobody knows whether that one works."""
    try:
        return cloud.measure(metric, ids)
    except CloudError:
        if len(ids) == 1:
            return {ids[0]: None}
    return {key: value for each in ids for key, value in _measure(cloud, metric, [each]).items()}


def _measured(
    ports: Ports, cloud: Cloud, stacks: Sequence[StackMachines]
) -> Mapping[tuple[Busy, RemoteId], float | None]:
    """The metrics that tell whether machines work; one question for all machines of a metric."""
    asked: dict[Busy, list[RemoteId]] = {}
    for each in stacks:
        for one in each.watched:
            resource = each.machines[one.address]
            busy = resource.machine.busy
            if busy is not None and busy.metric is not None:
                asked.setdefault(busy, []).append(resource.remote_id)
    return {
        (busy, remote_id): value
        for busy, ids in asked.items()
        if busy.metric is not None
        for remote_id, value in _measure(cloud, busy.metric, ids).items()
    }


def _machine(
    ports: Ports,
    one: Watched,
    resource: RecordedResource,
    shown: Observation | str,
    measured: Mapping[tuple[Busy, RemoteId], float | None],
    now: datetime,
) -> Machine:
    schema = ports.engine.clouds.schemas(resource.type)
    assert schema is not None
    assert schema.switch is not None
    working, busy = Working.IDLE, resource.machine.busy
    if busy is not None and isinstance(shown, Present):
        size = str(shown.properties.get(schema.switch.size, ""))
        working = (
            working_by_tag(tag_value(schema, shown.properties, BUSY_TAG), now)
            if busy.metric is None
            else working_by_metric(
                busy.metric,
                measured.get((busy, resource.remote_id)),
                gpus=size.startswith(schema.switch.gpus),
            )
        )
    return Machine(
        remote_id=resource.remote_id,
        table=one.table,
        schedule=one.schedule,
        enforce=one.enforce,
        power=None if isinstance(shown, str) else power_in(schema, shown),
        unread=shown if isinstance(shown, str) else "",
        row=one.row,
        command=one.command,
        busy=busy,
        working=working,
    )
