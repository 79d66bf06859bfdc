"""Stop and start the machines of a stack that expires. Under the lease. Shell."""

from __future__ import annotations

from collections.abc import Callable, Iterable
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
from gitbot.model.observed import Present, ReadRequest
from gitbot.model.recorded import Lease, RecordedResource, RecordedStack
from gitbot.model.tags import BUSY_TAG
from gitbot.ports.cloud import Cloud
from gitbot.reconciler.power import power_in
from gitbot.reconciler.tags import tag_value
from gitbot.walk.means import means_for
from gitbot.walk.power import switch


@dataclass(frozen=True, slots=True, kw_only=True)
class Switched:
    """Which machines were stopped or started, and why others could not be, by address.

    ``busy_until`` is until when machines that work are left running; None when none works.
    """

    done: tuple[Address, ...] = ()
    failed: tuple[str, ...] = ()
    busy_until: datetime | None = None


def stop_machines(
    engine: Engine,
    cloud: Cloud,
    lease: Callable[[], Lease],
    recorded: RecordedStack,
    due: datetime,
    now: datetime,
) -> Switched:
    """Stop every running machine of the stack, what uses others first.

    One that fails keeps no other from being stopped. Never by force. One that works, or of which
    nobody knows, is left running as long as its ``busy`` allows after ``due``. Idempotent.
    """
    machines = [recorded.resources[address] for address in reversed(_ordered(recorded))]
    busy = {
        machine.address: due + machine.machine.busy.at_most
        for machine in machines
        if machine.machine.busy is not None
        and now < due + machine.machine.busy.at_most
        and _works(engine, cloud, machine, now)
    }
    idle = [machine for machine in machines if machine.address not in busy]
    found = _switched(engine, cloud, lease, recorded, idle, Power.STOPPED)
    return replace(found, busy_until=max(busy.values(), default=None))


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


def _works(engine: Engine, cloud: Cloud, machine: RecordedResource, now: datetime) -> bool:
    """Whether the machine runs and works, as far as it is known: unknown counts as working."""
    schema, busy = engine.clouds.schemas(machine.type), machine.machine.busy
    if schema is None or schema.switch is None or busy is None:
        return False
    shown = cloud.read([_request(machine)])[machine.address]
    if not isinstance(shown, Present) or power_in(schema, shown) is Power.STOPPED:
        return False
    if busy.metric is None:
        text = tag_value(schema, shown.properties, BUSY_TAG)
        return working_by_tag(text, now) is not Working.IDLE
    value = cloud.measure(busy.metric, [machine.remote_id]).get(machine.remote_id)
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
    done: list[Address] = []
    failed: list[str] = []
    for machine in machines:
        try:
            if _has_another(engine, cloud, machine, power):
                switch(means, machine, power)
                done.append(machine.address)
        except (CloudError, UserError, TransientError) as error:
            failed.append(f"{machine.address}: {engine.hide(str(error))}")
    return Switched(done=tuple(done), failed=tuple(failed))


def _has_another(engine: Engine, cloud: Cloud, machine: RecordedResource, power: Power) -> bool:
    """Whether it is a machine, and has another power than this one."""
    schema = engine.clouds.schemas(machine.type)
    if schema is None or schema.switch is None:
        return False
    found = power_in(schema, cloud.read([_request(machine)])[machine.address])
    return found is not None and found is not power
