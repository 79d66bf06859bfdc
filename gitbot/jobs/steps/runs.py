"""Record what an apply does to each stack, as a run. Shell."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from gitbot.decisions.leftovers import completed_by
from gitbot.jobs.steps.look import Ports
from gitbot.model.commands import CommandRef
from gitbot.model.names import EnvironmentKey, Sha, StackId
from gitbot.model.plan import Plan, WalkResult
from gitbot.model.recorded import StackHeader
from gitbot.model.runs import Run, RunKind, RunStatus
from gitbot.model.values import Json
from gitbot.ports.records import Records
from gitbot.ports.time import Clock


class Books(Protocol):
    """What it takes to write runs and the audit: the ``Ports`` of a job have it."""

    @property
    def records(self) -> Records: ...

    @property
    def clock(self) -> Clock: ...


DIED = "the process that applied it died; the next apply continues from there"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What the runs of one apply have in common.

    ``head`` is set for an apply before the merge. ``epoch`` is that of the lease.
    """

    tip: Sha
    head: Sha | None = None
    pull_request: int | None = None
    reviewed_digest: str | None = None
    actor: str
    command: CommandRef | None = None
    epoch: int


def open_run(
    ports: Books,
    plan: Plan,
    occasion: Occasion,
    status: RunStatus,
    error: str | None = None,
    *,
    instead_of: Run | None = None,
) -> Run:
    """Record a new run of an apply: running, or held with the reason in ``error``.

    It takes the place of the held run ``instead_of``, which is superseded.
    """
    now = ports.clock.now()
    run = Run(
        id=f"apply:{uuid.uuid4().hex}",
        kind=RunKind.APPLY,
        stack=plan.stack,
        commit=occasion.head or occasion.tip,
        head=occasion.head,
        tip=occasion.tip,
        pull_request=occasion.pull_request,
        status=status,
        digest=plan.digest,
        reviewed_digest=occasion.reviewed_digest,
        does=not plan.empty,
        actor=occasion.actor,
        command=occasion.command,
        error=error,
        started_at=now,
        epoch=occasion.epoch,
    )
    ports.records.runs.add(run, plan, instead_of=None if instead_of is None else instead_of.id)
    named = ("tip", "head", "pull_request", "digest", "reviewed_digest")
    _audit(ports, run, now, {name: getattr(run, name) for name in named} | {"why": error})
    return run


def close_run(ports: Books, run: Run, result: WalkResult) -> Run:
    """Record how the walk ended, and return the run with its new status."""
    status, now = RunStatus.APPLIED if result.ok else RunStatus.FAILED, ports.clock.now()
    ports.records.runs.move(run.id, status, at=now, result=result)
    run = replace(run, status=status, finished_at=now)
    detail: dict[str, Json] = {
        "done": [f"{action} {address}" for address, action in result.done],
        "failed": [failure.address for failure in result.failures],
    }
    _audit(ports, run, now, detail)
    return run


def _audit(ports: Books, run: Run, at: datetime, detail: Mapping[str, Json]) -> None:
    """Write into the audit which status the run has from now on."""
    ports.records.journal.audit(
        at=at,
        actor=run.actor,
        action=f"apply {run.status}",
        subject=str(run.stack),
        detail={"run": run.id, **detail},
    )


def hold_run(ports: Books, plan: Plan, occasion: Occasion, why: str) -> Run:
    """The held run of this plan at this tip; made when there is none.

    A stack has at most one held run: another one is superseded. One that only the tip tells apart
    from the new one was told already where it was to be told, so the new one counts as told too.
    """
    all_held = ports.records.runs.held(plan.stack.environment_key)
    before = next((held for held in all_held if held.stack == plan.stack), None)
    same = before if before is not None and _is_same_hold(before, plan, occasion) else None
    if same is not None and same.tip == occasion.tip:
        return same
    run = open_run(ports, plan, occasion, RunStatus.HELD, why, instead_of=before)
    if same is None or same.shown_at is None:
        return run
    ports.records.runs.mark_shown([run.id], same.shown_at)
    return replace(run, shown_at=same.shown_at)


def _is_same_hold(held: Run, plan: Plan, occasion: Occasion) -> bool:
    reviewed = (held.pull_request, held.reviewed_digest)
    return held.digest == plan.digest and reviewed == (
        occasion.pull_request,
        occasion.reviewed_digest,
    )


def supersede(ports: Books, held: Iterable[Run]) -> None:
    """Mark held runs as superseded: nobody needs to release them."""
    for run in held:
        ports.records.runs.move(run.id, RunStatus.SUPERSEDED, at=ports.clock.now())


def close_interrupted(ports: Books, stack: StackId) -> None:
    """Mark the runs that a dead process left running as failed. Call only under the lease."""
    for run in _running(ports, stack):
        ports.records.runs.move(run.id, RunStatus.FAILED, at=ports.clock.now(), error=DIED)


def close_left_running(ports: Ports, environment: EnvironmentKey, due: Collection[StackId]) -> None:
    """Close the runs that a dead process left running on stacks that are not due now.

    This includes stacks that were renamed or removed since. Call only under the lease.
    """
    headers = ports.engine.state.headers(environment.repository, environment.environment)
    known = {header.id: header for header in headers}
    for stack in dict.fromkeys(run.stack for run in ports.records.runs.running(environment)):
        if stack not in due and stack in known:
            close_settled(ports, known[stack])
        elif stack not in due:
            close_interrupted(ports, stack)


def close_settled(ports: Books, recorded: StackHeader) -> None:
    """Close the runs that a dead process left running on a stack that is not affected any more.

    When state says that the walk was completed, the run counts as applied, else as failed. Call
    only under the lease.
    """
    for run in _running(ports, recorded.id):
        plan = ports.records.runs.plan(run.id)
        if completed_by(run, plan, recorded):
            done = tuple((each.address, each.action) for each in plan.effective)
            close_run(ports, run, WalkResult(done=done))
    close_interrupted(ports, recorded.id)


def _running(ports: Books, stack: StackId) -> tuple[Run, ...]:
    return ports.records.runs.of_stack(stack, RunKind.APPLY, (RunStatus.RUNNING,))
