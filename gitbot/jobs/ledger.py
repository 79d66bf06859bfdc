"""Write down what an apply does, stack by stack, as run rows. Shell."""

from __future__ import annotations

import uuid

from gitbot.jobs.world import World
from gitbot.model.names import Sha, StackId
from gitbot.model.plan import Plan, WalkResult
from gitbot.model.recorded import RecordedStack
from gitbot.model.run import Run, RunKind, RunStatus


def open_run(
    world: World,
    *,
    plan: Plan,
    tip: Sha,
    head: Sha | None,
    pull_request: int | None,
    status: RunStatus,
    reviewed_digest: str | None,
    actor: str,
    epoch: int,
    error: str | None = None,
) -> Run:
    """Insert the run of an apply: running, or held with the reason in ``error``."""
    now = world.clock.now()
    run = Run(
        id=f"apply:{uuid.uuid4().hex}",
        kind=RunKind.APPLY,
        stack=plan.stack,
        commit=head or tip,
        head=head,
        tip=tip,
        pull_request=pull_request,
        status=status,
        digest=plan.digest,
        reviewed_digest=reviewed_digest,
        actor=actor,
        plan=plan,
        result=None,
        error=error,
        started_at=now,
        finished_at=None,
        epoch=epoch,
    )
    world.runs.add_run(run)
    world.runs.audit(
        at=now,
        actor=actor,
        action=f"apply {status}",
        subject=str(plan.stack),
        detail={
            "run": run.id,
            "tip": tip,
            "head": head,
            "pull_request": pull_request,
            "digest": plan.digest,
            "reviewed_digest": reviewed_digest,
            "why": error,
        },
    )
    return run


def close_run(world: World, run: Run, result: WalkResult) -> RunStatus:
    """Record how the walk ended; the run's final status."""
    status = RunStatus.APPLIED if result.ok else RunStatus.FAILED
    world.runs.update_run(run.id, status, at=world.clock.now(), result=result)
    world.runs.audit(
        at=world.clock.now(),
        actor=run.actor,
        action=f"apply {status}",
        subject=str(run.stack),
        detail={
            "run": run.id,
            "done": [f"{action} {address}" for address, action in result.done],
            "failed": [failure.address for failure in result.failures],
        },
    )
    return status


def hold_run(
    world: World,
    *,
    plan: Plan,
    tip: Sha,
    pull_request: int | None,
    reviewed_digest: str | None,
    actor: str,
    epoch: int,
    why: str,
) -> Run:
    """The held run of this stack: one a digest; a held one with another digest is superseded."""
    for held in world.runs.held(plan.stack.environment_key):
        if held.stack == plan.stack:
            if held.digest == plan.digest and held.tip == tip:
                return held
            world.runs.update_run(held.id, RunStatus.SUPERSEDED, at=world.clock.now())
    return open_run(
        world,
        plan=plan,
        tip=tip,
        head=None,
        pull_request=pull_request,
        status=RunStatus.HELD,
        reviewed_digest=reviewed_digest,
        actor=actor,
        epoch=epoch,
        error=why,
    )


def close_interrupted(world: World, stack: StackId) -> None:
    """Runs of the stack that a dead process left running are failed ones. Only under the lease."""
    for run in world.runs.runs_of_stack(stack):
        if run.kind is RunKind.APPLY and run.status is RunStatus.RUNNING:
            world.runs.update_run(
                run.id,
                RunStatus.FAILED,
                at=world.clock.now(),
                error="the process that applied it died; the next apply goes on from there",
            )


def close_settled(world: World, recorded: RecordedStack) -> None:
    """Runs that a dead process left running on a stack that nothing is to be done for any more.

    Where state says that the walk had come to its end they are applied ones, else failed. Only
    under the lease.
    """
    for run in world.runs.runs_of_stack(recorded.id):
        running = run.kind is RunKind.APPLY and run.status is RunStatus.RUNNING
        if running and run.plan is not None and _ended(run, run.plan, recorded):
            done = tuple((each.address, each.action) for each in run.plan.effective)
            close_run(world, run, WalkResult(done=done))
    close_interrupted(world, recorded.id)


def _ended(run: Run, plan: Plan, recorded: RecordedStack) -> bool:
    """Whether state was completed by this run: by its plan, for its commit, after it was made."""
    return (
        recorded.complete
        and recorded.serial > plan.serial
        and (recorded.lineage, recorded.desired_hash) == (plan.lineage, plan.desired_hash)
        and recorded.commit == run.commit
    )
