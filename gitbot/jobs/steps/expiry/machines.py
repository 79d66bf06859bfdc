"""Stop and start the machines of a stack that expires. Under the lease. Shell."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gitbot.errors import CloudError, TransientError, UserError
from gitbot.jobs.steps.apply_stack import tools_of
from gitbot.jobs.steps.look import Engine
from gitbot.model.cloud import Power
from gitbot.model.graph import order
from gitbot.model.names import Address
from gitbot.model.observed import ReadRequest
from gitbot.model.recorded import Lease, RecordedResource, RecordedStack
from gitbot.ports.cloud import Cloud
from gitbot.reconciler.power import power_in
from gitbot.walk.means import means_for
from gitbot.walk.power import switch


@dataclass(frozen=True, slots=True, kw_only=True)
class Switched:
    """Which machines were stopped or started, and why others could not be, by address."""

    done: tuple[Address, ...] = ()
    failed: tuple[str, ...] = ()


def stop_machines(
    engine: Engine, cloud: Cloud, lease: Callable[[], Lease], recorded: RecordedStack
) -> Switched:
    """Stop every running machine of the stack, what uses others first.

    One that fails keeps no other from being stopped. Never by force. Idempotent.
    """
    machines = [recorded.resources[address] for address in reversed(_ordered(recorded))]
    return _switched(engine, cloud, lease, recorded, machines, Power.STOPPED)


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
    request = ReadRequest(
        address=machine.address,
        type=machine.type,
        remote_id=machine.remote_id,
        route=machine.route,
        surfaces=frozenset(),
    )
    found = power_in(schema, cloud.read([request])[machine.address])
    return found is not None and found is not power
