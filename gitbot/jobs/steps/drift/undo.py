"""Undo the drift of one stack under the lease, as a command on its issue agreed to. Shell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from gitbot.decisions.drift.commands import may_undo
from gitbot.errors import InvariantError, RefusedError, TransientError, UnfinishedError
from gitbot.jobs.steps.apply_stack import STOPPING, apply_plan, settle_stack
from gitbot.jobs.steps.drift.afresh import plan_afresh
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.obstacles import may_now
from gitbot.jobs.steps.planning import Planned
from gitbot.jobs.steps.rights import require_right
from gitbot.jobs.steps.runs import Occasion, close_interrupted, close_run, open_run
from gitbot.jobs.steps.turns import tell_waiting
from gitbot.model.cloud import Purpose
from gitbot.model.commands import Accepted, Command
from gitbot.model.desired import Environment
from gitbot.model.drift import Difference
from gitbot.model.freeze import Act
from gitbot.model.names import StackId
from gitbot.model.plan import Plan
from gitbot.model.recorded import Lease
from gitbot.model.runs import Run, RunStatus
from gitbot.ports.cloud import Cloud


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftApply:
    """One ``/drift apply``, under the lease of its environment."""

    ports: Ports
    seen: Look
    lease: Callable[[], Lease]
    command: Command
    accepted: Accepted

    @property
    def rules(self) -> Environment:
        """The environment at the tip."""
        return self.seen.rules(self.accepted.environment)

    @property
    def stack(self) -> StackId:
        """The stack."""
        if self.accepted.stack is None:
            raise InvariantError("a command about drift was accepted without a stack")
        return self.seen.stack_id(self.rules, self.accepted.stack)

    def runs(self) -> tuple[Run, ...]:
        """The applies that the command has begun, in this process or a dead one; oldest first."""
        return self.ports.records.runs.of_command(self.command.ref)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """What became of it: a run, or a plan that was held for these reasons."""

    plan: Plan
    run: Run | None = None
    held_by: tuple[str, ...] = ()


def undo(apply: DriftApply) -> Undone:
    """Plan the stack again, and apply the plan if it is what the command agreed to.

    Rights, windows, freezes, claims and tombstones are asked again here, before the first change.

    Raises:
        UserError, CloudError: it is not allowed, or not possible; the message says why.
        UnfinishedError: something long is done in part; the same command goes on in another turn.
        TransientError: the server is stopping; the same command continues when it is back.
    """
    ports, stack = apply.ports, apply.stack
    # We hold the lease, so a run that is still marked as running belongs to a dead process.
    close_interrupted(ports, stack)
    begun = apply.runs()
    if begun and begun[-1].status is RunStatus.APPLIED:
        return Undone(plan=ports.records.runs.plan(begun[-1].id), run=begun[-1])
    _require(apply, stack)
    cloud = ports.engine.clouds.open(apply.rules, Purpose.APPLY)
    planned, found = _plan(apply, cloud, stack)
    digest = apply.accepted.digest or ""
    rest_of = ports.records.runs.plan(begun[-1].id) if begun else None
    answer = may_undo(planned.plan, found, digest, rest_of)
    if not answer.given:
        return Undone(plan=planned.plan, held_by=answer.held_by)
    return Undone(plan=planned.plan, run=_walk(apply, cloud, planned))


def _require(apply: DriftApply, stack: StackId) -> None:
    command = apply.command
    require_right(apply.ports, apply.seen, apply.rules, "drift", command.author, command.author_id)
    verdict = may_now(apply.ports, apply.seen, apply.rules, stack, Act.APPLY, leased=True)
    if not verdict.allowed:
        raise RefusedError(f"`{stack.label}` is not changed now: {verdict.why}")


def _plan(
    apply: DriftApply, cloud: Cloud, stack: StackId
) -> tuple[Planned, tuple[Difference, ...]]:
    """The plan with its guards, and what differs now; both from one look at the cloud."""
    engine, seen, rules = apply.ports.engine, apply.seen, apply.rules
    desired = seen.wanted(rules.name).stacks.get(stack.name)
    if desired is None:
        raise RefusedError(
            f"the tracked branch has no stack `{stack.label}` without errors: mend or apply that first"
        )
    recorded = settle_stack(engine, cloud, apply.lease, stack, desired)
    return plan_afresh(apply.ports, seen, rules, cloud, desired, recorded)


def _walk(apply: DriftApply, cloud: Cloud, planned: Planned) -> Run:
    ports, number = apply.ports, apply.command.number
    occasion = Occasion(
        tip=apply.seen.tip,
        reviewed_digest=planned.plan.digest,
        actor=apply.command.author,
        command=apply.command.ref,
        epoch=apply.lease().epoch,
    )
    run = open_run(ports, planned.plan, occasion, RunStatus.RUNNING)
    result = apply_plan(
        ports.engine,
        cloud,
        apply.lease,
        plan=planned.plan,
        desired=planned.desired,
        recorded=planned.recorded,
        commit=apply.seen.tip,
        reviewed=True,
        waits=partial(tell_waiting, ports, apply.seen, number, apply.rules.name),
    )
    closed = close_run(ports, run, result)
    if result.interrupted:
        raise TransientError(STOPPING)
    if result.goes_on:
        raise UnfinishedError(result.goes_on)
    return closed
