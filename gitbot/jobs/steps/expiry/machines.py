"""Stop and start the machines of a stack that expires. Under the lease. Shell."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from gitbot.decisions.hours.deeds import working_by_metric, working_by_tag
from gitbot.errors import CloudError, TransientError, UserError
from gitbot.jobs.steps.apply_stack import tools_of
from gitbot.jobs.steps.look import Engine
from gitbot.model.cloud import Power
from gitbot.model.graph import order
from gitbot.model.hours import Working
from gitbot.model.names import Address
from gitbot.model.observed import Observation, Present, ReadRequest
from gitbot.model.recorded import Lease, RecordedResource, RecordedStack
from gitbot.model.schema import TypeSchema
from gitbot.model.tags import BUSY_TAG
from gitbot.ports.cloud import Cloud
from gitbot.reconciler.power import power_in
from gitbot.reconciler.tags import tag_value
from gitbot.walk.means import means_for
from gitbot.walk.power import switch

log = logging.getLogger("gitbot")


@dataclass(frozen=True, slots=True, kw_only=True)
class Switched:
    """Why machines could not be stopped or started, and which those are.

    ``busy_until`` is until when machines that work are left running; None when none works.
    """

    undone: frozenset[str] = frozenset()
    failed: tuple[str, ...] = ()
    busy_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Awake:
    """The machines that are not known to be stopped: those to stop, in order, and those that work.

    ``busy`` is until when each may put off what is due, by address.
    """

    idle: tuple[RecordedResource, ...] = ()
    busy: Mapping[Address, datetime]

    @property
    def busy_until(self) -> datetime | None:
        """Until when machines that work put it off; None when none works."""
        return max(self.busy.values(), default=None)


def awake_machines(
    engine: Engine, cloud: Cloud, recorded: RecordedStack, due: datetime, now: datetime
) -> Awake:
    """Look which machines of the stack run, and which of them work. What uses others comes first.

    One that works, or of which nobody knows whether it does, puts off what was due at ``due`` as
    long as its ``busy`` allows. One that cannot be read keeps no other from being looked at.
    """
    idle: list[RecordedResource] = []
    busy: dict[Address, datetime] = {}
    for address in reversed(_ordered(recorded)):
        machine = recorded.resources[address]
        schema, means = engine.clouds.schemas(machine.type), machine.machine.busy
        if schema is None or schema.switch is None:
            continue
        shown = _shown(cloud, machine)
        if shown is not None and power_in(schema, shown) in (None, Power.STOPPED):
            continue
        if (
            means is not None
            and now < due + means.at_most
            and _works(cloud, schema, machine, shown, now)
        ):
            busy[address] = due + means.at_most
        else:
            idle.append(machine)
    return Awake(idle=tuple(idle), busy=busy)


def stop_machines(
    engine: Engine,
    cloud: Cloud,
    lease: Callable[[], Lease],
    recorded: RecordedStack,
    awake: Awake,
) -> Switched:
    """Stop the machines that do not work. One that fails keeps no other from being stopped.

    Never by force. Idempotent.
    """
    found = _switched(engine, cloud, lease, recorded, awake.idle, Power.STOPPED)
    return replace(found, busy_until=awake.busy_until)


def start_machines(
    engine: Engine,
    cloud: Cloud,
    lease: Callable[[], Lease],
    recorded: RecordedStack,
    addresses: Iterable[str],
) -> Switched:
    """Start these machines of the stack, what others use first. Idempotent."""
    wanted = set(addresses)
    machines = [recorded.resources[one] for one in _ordered(recorded) if one in wanted]
    return _switched(engine, cloud, lease, recorded, machines, Power.RUNNING)


def _shown(cloud: Cloud, machine: RecordedResource) -> Observation | None:
    """What the cloud shows of the machine; None when it does not tell."""
    try:
        return cloud.read([_request(machine)])[machine.address]
    except (CloudError, UserError, TransientError) as error:
        log.warning("%s cannot be read: %s", machine.address, error)
        return None


def _works(
    cloud: Cloud,
    schema: TypeSchema,
    machine: RecordedResource,
    shown: Observation | None,
    now: datetime,
) -> bool:
    """Whether the machine, which runs, works as far as it is known: unknown counts as working."""
    busy = machine.machine.busy
    if busy is None or schema.switch is None:
        return False
    if not isinstance(shown, Present):
        return True
    if busy.metric is None:
        text = tag_value(schema, shown.properties, BUSY_TAG)
        return working_by_tag(text, now) is not Working.IDLE
    try:
        value = cloud.measure(busy.metric, [machine.remote_id]).get(machine.remote_id)
    except (CloudError, UserError, TransientError) as error:
        log.warning("nobody knows whether %s works: %s", machine.address, error)
        return True
    gpus = str(shown.properties.get(schema.switch.size, "")).startswith(schema.switch.gpus)
    return working_by_metric(busy.metric, value, gpus=gpus) is not Working.IDLE


def _request(machine: RecordedResource) -> ReadRequest:
    return ReadRequest(
        address=machine.address,
        type=machine.type,
        remote_id=machine.remote_id,
        route=machine.route,
        surfaces=frozenset(),
    )


def _ordered(recorded: RecordedStack) -> tuple[Address, ...]:
    edges = {
        address: frozenset(one for one in resource.depends_on if one in recorded.resources)
        for address, resource in recorded.resources.items()
    }
    return order(edges)


def _switched(
    engine: Engine,
    cloud: Cloud,
    lease: Callable[[], Lease],
    recorded: RecordedStack,
    machines: Iterable[RecordedResource],
    power: Power,
) -> Switched:
    means = means_for(tools_of(engine, cloud, lease), recorded, None)
    failed: dict[str, str] = {}
    for machine in machines:
        try:
            if _has_another(engine, cloud, machine, power):
                switch(means, machine, power)
        except (CloudError, UserError, TransientError) as error:
            failed[machine.address] = f"{machine.address}: {engine.hide(str(error))}"
    return Switched(undone=frozenset(failed), failed=tuple(failed.values()))


def _has_another(engine: Engine, cloud: Cloud, machine: RecordedResource, power: Power) -> bool:
    """Whether it is a machine, and has another power than this one."""
    schema = engine.clouds.schemas(machine.type)
    if schema is None or schema.switch is None:
        return False
    found = power_in(schema, cloud.read([_request(machine)])[machine.address])
    return found is not None and found is not power
