"""The job that puts drift of one stack back without asking, where the environment lets it. Shell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gitbot.decisions.drift.healing import healing, may_heal_at
from gitbot.errors import TransientError
from gitbot.jobs.steps.apply_stack import STOPPING, apply_plan
from gitbot.jobs.steps.drift.afresh import plan_afresh
from gitbot.jobs.steps.drift.scan import HEALER
from gitbot.jobs.steps.drift.wake import wake_drift
from gitbot.jobs.steps.lease import hold
from gitbot.jobs.steps.look import Look, Ports, look
from gitbot.jobs.steps.obstacles import may_now
from gitbot.jobs.steps.planning import Planned
from gitbot.jobs.steps.runs import Occasion, close_interrupted, close_run, open_run
from gitbot.model.cloud import Purpose
from gitbot.model.desired import Environment
from gitbot.model.drift import Finding, Phase
from gitbot.model.freeze import Act
from gitbot.model.keys import HealDrift
from gitbot.model.names import StackId
from gitbot.model.recorded import Lease
from gitbot.model.runs import Run, RunStatus
from gitbot.ports.cloud import Cloud


def heal_drift(ports: Ports, key: HealDrift) -> None:
    """Put back what the environment's ``drift.heal`` names, if nothing forbids it now.

    Does nothing when the drift is over, was acknowledged, or has come back too often today. The
    next scan tells the result on the issue. Safe to run twice or late.

    Raises:
        LeaseUnavailableError: another apply of the environment is running.
        CloudError: the cloud refused to be read.
        TransientError: the server is stopping, or the cloud did not answer.
    """
    seen = look(ports, key.repository)
    rules = seen.at_tip.environments.get(key.environment)
    if rules is None or not rules.drift.heal:
        return
    stack = seen.stack_id(rules, key.stack)
    if not _is_due(ports, stack):
        return
    engine = ports.engine
    holder = engine.processes.name(f"healing in {key.environment}")
    with hold(
        engine.state, seen.key(rules.name), holder, ttl=engine.lease_ttl, clock=ports.clock
    ) as lease:
        run = _heal(ports, seen, rules, stack, lease)
    if run is not None:
        if run.status is RunStatus.APPLIED:  # a failed one is told by the next apply of the tip
            ports.records.runs.mark_shown([run.id], ports.clock.now())
        wake_drift(ports, seen.key(rules.name), f"healed:{run.id}")


def _is_due(ports: Ports, stack: StackId) -> bool:
    row = ports.records.drift.of_stack(stack, Finding.DRIFT)
    if row is None or row.phase is not Phase.OPEN:
        return False
    now = ports.engine.calendar.now()
    at = may_heal_at(ports.records.drift.heals(stack), now)
    return at is not None and at <= now


def _heal(
    ports: Ports,
    seen: Look,
    rules: Environment,
    stack: StackId,
    lease: Callable[[], Lease],
) -> Run | None:
    """The run that put it back; None when there is nothing to put back, or it is not allowed."""
    close_interrupted(ports, stack)
    if not may_now(ports, seen, rules, stack, Act.HEAL, leased=True).allowed:
        return None
    cloud = ports.engine.clouds.open(rules, Purpose.APPLY)
    planned = _planned(ports, seen, rules, stack, cloud)
    if planned is None:
        return None
    ports.records.drift.note_heal(stack, ports.engine.calendar.now())
    occasion = Occasion(
        tip=seen.tip, reviewed_digest=planned.plan.digest, actor=HEALER, epoch=lease().epoch
    )
    run = open_run(ports, planned.plan, occasion, RunStatus.RUNNING)
    result = apply_plan(
        ports.engine,
        cloud,
        lease,
        plan=planned.plan,
        desired=planned.desired,
        recorded=planned.recorded,
        commit=seen.tip,
        reviewed=True,
    )
    closed = close_run(ports, run, result)
    if result.interrupted:
        raise TransientError(STOPPING)
    return closed


def _planned(
    ports: Ports, seen: Look, rules: Environment, stack: StackId, cloud: Cloud
) -> Planned | None:
    """The part of a fresh plan that puts back what may be."""
    engine, desired = ports.engine, seen.wanted(rules.name).stacks.get(stack.name)
    if desired is None:
        return None
    recorded = engine.state.read(stack)
    planned, found = plan_afresh(ports, seen, rules, cloud, desired, recorded)
    part = healing(planned.plan, found, rules.drift.heal, engine.clouds.schemas)
    return None if part is None else replace(planned, plan=part)
