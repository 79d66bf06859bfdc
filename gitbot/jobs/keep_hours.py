"""The job that starts and stops the machines of an environment as their off-hours want it. Shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from gitbot.decisions.hours.power import Decision, settled
from gitbot.jobs.steps.hours.machines import (
    StackMachines,
    observe_machines,
    read_machines,
)
from gitbot.jobs.steps.hours.switching import carry_out, decided
from gitbot.jobs.steps.hours.telling import tell_hours
from gitbot.jobs.steps.lease import hold
from gitbot.jobs.steps.look import Look, Ports, look
from gitbot.jobs.steps.power.switching import Switching
from gitbot.jobs.steps.schedules import reschedule
from gitbot.model.cloud import Purpose
from gitbot.model.desired import Environment
from gitbot.model.keys import KeepHours
from gitbot.model.names import Address, StackId
from gitbot.model.time import Work


def keep_hours(ports: Ports, key: KeepHours) -> None:
    """Give every machine of the environment the power that it should have now.

    Safe to run twice, late or after a crash: what must be is computed from schedules, rows and the
    cloud. The lease is taken only when there is something to start or stop.

    Raises:
        LeaseUnavailableError: somebody else changes the environment.
        TransientError: the cloud or GitHub did not answer.
    """
    seen = look(ports, key.repository)
    rules = seen.at_tip.environments.get(key.environment)
    if rules is not None:
        now = ports.engine.calendar.now()
        stacks = read_machines(ports, seen, rules, now)
        if stacks:
            done = _keep(ports, seen, rules, stacks, now)
            _record(ports, stacks, done)
            tell_hours(ports, seen, rules)
    reschedule(ports, seen, works=(Work.HOURS,), environment=key.environment)


def _keep(
    ports: Ports,
    seen: Look,
    rules: Environment,
    stacks: Sequence[StackMachines],
    now: datetime,
) -> Mapping[StackId, Mapping[Address, Decision]]:
    engine = ports.engine
    cloud = engine.clouds.open(rules, Purpose.PLAN)
    machines = observe_machines(ports, cloud, stacks, now)
    decisions = {stack: dict(decided(some, now)) for stack, some in machines.items()}
    if not any(decision.power for some in decisions.values() for decision in some.values()):
        return decisions
    holder = engine.processes.name(f"off-hours of {rules.name}")
    key = seen.key(rules.name)
    with hold(engine.state, key, holder, ttl=engine.lease_ttl, clock=ports.clock) as lease:
        # Somebody may have changed something before we had the lease.
        stacks = read_machines(ports, seen, rules, now)
        cloud = engine.clouds.open(rules, Purpose.APPLY)
        switching = Switching(ports=ports, seen=seen, rules=rules, cloud=cloud, lease=lease)
        return carry_out(switching, stacks, observe_machines(ports, cloud, stacks, now), now)


def _record(
    ports: Ports,
    stacks: Sequence[StackMachines],
    decisions: Mapping[StackId, Mapping[Address, Decision]],
) -> None:
    """Record what became of each machine, and forget those that are not watched any more.

    What people were told of is forgotten only after they were told that it is over.
    """
    for each in stacks:
        told = {
            address: replace(settled(row), pre_stop="")
            for address, row in each.hours.machines.items()
            if row.told
        }
        rows = told | {
            address: decision.row
            for address, decision in decisions.get(each.stack, {}).items()
            if decision.row is not None
        }
        if rows != each.hours.machines:
            ports.records.hours.put_machines(each.stack, rows)
