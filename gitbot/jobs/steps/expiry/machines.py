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
from gitbot.model.recorded import IntentKind, Lease, RecordedResource, RecordedStack
from gitbot.ports.cloud import Cloud
from gitbot.reconciler.recording import without_redacted
from gitbot.walk.means import Means, means_for, new_intent, operation_for


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
    means = means_for(tools_of(engine, cloud, lease), recorded, None)
    machines = [recorded.resources[address] for address in reversed(_ordered(recorded))]
    return _switched(means, machines, Power.STOPPED, engine)


def start_machines(
    engine: Engine,
    cloud: Cloud,
    lease: Callable[[], Lease],
    recorded: RecordedStack,
    addresses: Iterable[str],
) -> Switched:
    """Start these machines of the stack, what others use first. Idempotent."""
    means = means_for(tools_of(engine, cloud, lease), recorded, None)
    wanted = set(addresses)
    machines = [recorded.resources[one] for one in _ordered(recorded) if one in wanted]
    return _switched(means, machines, Power.RUNNING, engine)


def _ordered(recorded: RecordedStack) -> tuple[Address, ...]:
    edges = {
        address: frozenset(one for one in resource.depends_on if one in recorded.resources)
        for address, resource in recorded.resources.items()
    }
    return order(edges)


def _switched(
    means: Means, machines: Iterable[RecordedResource], power: Power, engine: Engine
) -> Switched:
    done: list[Address] = []
    failed: list[str] = []
    for machine in machines:
        schema = engine.clouds.schemas(machine.type)
        if schema is None or not schema.power:
            continue
        try:
            if _switch(means, machine, power):
                done.append(machine.address)
        except (CloudError, UserError, TransientError) as error:
            failed.append(f"{machine.address}: {engine.hide(str(error))}")
    return Switched(done=tuple(done), failed=tuple(failed))


def _switch(means: Means, machine: RecordedResource, power: Power) -> bool:
    """Give the machine the power. Returns whether it had another one."""
    intent = new_intent(means, IntentKind.POWER, machine, means.generation)
    operation = operation_for(means, intent, without_redacted(machine.properties))
    has = means.cloud.power(operation, machine.remote_id)
    if has is None or has is power:
        return False
    switch = means.cloud.stop if power is Power.STOPPED else means.cloud.start
    switch(operation, machine.remote_id)
    return True
