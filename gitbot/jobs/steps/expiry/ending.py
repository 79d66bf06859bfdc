"""Plan and carry out the destruction of one stack, from what state has of it. Shell."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from gitbot.decisions.expiry.keeping import kept_of
from gitbot.jobs.steps.apply_stack import apply_plan, settle_stack
from gitbot.jobs.steps.look import Engine, Look, Ports
from gitbot.jobs.steps.planning import plan_stack
from gitbot.jobs.steps.runs import Occasion, close_interrupted, close_run, open_run
from gitbot.model.expiry import Expiry
from gitbot.model.names import Address, StackId
from gitbot.model.plan import Plan, WalkResult
from gitbot.model.recorded import Lease, RecordedStack
from gitbot.model.runs import RunStatus
from gitbot.ports.cloud import Cloud

EXPIRY = "gitbot's expiry"
"""The actor of a destruction that nobody asked for."""


def plan_end(
    engine: Engine, cloud: Cloud, seen: Look, stack: StackId
) -> tuple[Plan, tuple[Address, ...]]:
    """The plan towards nothing that expiry would carry out, and the addresses that it keeps.

    Only reads; for people, who are to see it before they ask for it.

    Raises:
        SpecError, CloudError, TransientError: it could not be planned.
    """
    recorded = engine.state.read(stack)
    kept = kept_of(recorded, engine.clouds.schemas)
    return _plan(engine, cloud, seen, _with_kept(recorded, kept)), kept


def settle_end(
    engine: Engine, cloud: Cloud, seen: Look, lease: Callable[[], Lease], stack: StackId
) -> tuple[Plan, RecordedStack]:
    """The same under the lease, with what is kept recorded as kept, and the state it is made from."""
    recorded = settle_stack(engine, cloud, lease, stack, None)
    for resource in _with_kept(
        recorded, kept_of(recorded, engine.clouds.schemas)
    ).resources.values():
        if resource.kept != recorded.resources[resource.address].kept:
            engine.state.put(lease(), stack, recorded.lineage, resource)
    recorded = engine.state.read(stack)
    return _plan(engine, cloud, seen, recorded), recorded


def carry_out(
    ports: Ports,
    seen: Look,
    cloud: Cloud,
    lease: Callable[[], Lease],
    row: Expiry,
    plan: Plan,
    recorded: RecordedStack,
) -> WalkResult:
    """Walk the plan with a run of its own. Safe to repeat: what is deleted is not deleted again."""
    close_interrupted(ports, row.stack)
    occasion = Occasion(
        tip=seen.tip,
        pull_request=row.pull_request,
        reviewed_digest=row.requested or None,
        actor=row.requested_by or EXPIRY,
        epoch=lease().epoch,
    )
    run = open_run(ports, plan, occasion, RunStatus.RUNNING)
    result = apply_plan(
        ports.engine,
        cloud,
        lease,
        plan=plan,
        desired=None,
        recorded=recorded,
        commit=seen.tip,
        reviewed=True,
    )
    close_run(ports, run, result)
    # The comment about the end tells of it: no apply of the tip is to tell of it again.
    ports.records.runs.mark_shown([run.id], ports.clock.now())
    return result


def _with_kept(recorded: RecordedStack, kept: Collection[Address]) -> RecordedStack:
    return replace(
        recorded,
        resources={
            address: replace(resource, kept=address in kept)
            for address, resource in recorded.resources.items()
        },
    )


def _plan(engine: Engine, cloud: Cloud, seen: Look, recorded: RecordedStack) -> Plan:
    return plan_stack(
        engine,
        cloud,
        stack=recorded.id,
        desired=None,
        recorded=recorded,
        commit=seen.tip,
        reviewed=True,
    )
