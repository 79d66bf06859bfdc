"""Apply the shown plans of an open pull request to one environment. Shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from gitbot.decisions.digests import fits
from gitbot.decisions.leftovers import finished, interrupted
from gitbot.errors import CloudError, RefusedError, TransientError, UnfinishedError, UserError
from gitbot.jobs.steps.acceptance import is_open
from gitbot.jobs.steps.agreed_plans import agreed_plans
from gitbot.jobs.steps.ahead import Undone, turn_of
from gitbot.jobs.steps.apply_stack import STOPPING, apply_plan, settle_stack
from gitbot.jobs.steps.frozen_applies import audit_override
from gitbot.jobs.steps.head_plans import HeadApply, plan_head
from gitbot.jobs.steps.obstacles import refuse_frozen
from gitbot.jobs.steps.planning import Planned
from gitbot.jobs.steps.proposal import Proposal, applicable
from gitbot.jobs.steps.report_head import show_deployment
from gitbot.jobs.steps.rights import require_ready, require_right
from gitbot.jobs.steps.runs import Occasion, close_interrupted, close_run, open_run
from gitbot.jobs.steps.side_by_side import side_by_side
from gitbot.jobs.steps.teams import unseen_teams
from gitbot.jobs.steps.telling import Telling
from gitbot.jobs.steps.turns import tell_waiting
from gitbot.jobs.steps.wake import read_tip_facts
from gitbot.model.cloud import Purpose
from gitbot.model.desired import DesiredStack, Environment, Trigger
from gitbot.model.forge import DeploymentState
from gitbot.model.names import StackId
from gitbot.model.plan import Plan, WalkResult
from gitbot.model.runs import Run, RunStatus
from gitbot.ports.cloud import Cloud
from gitbot.reconciler.across import in_order


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """A plan to apply, and the digest that the command agreed to: that of this plan, or of one that it is the rest of."""

    plan: Plan
    digest: str


def apply_head(apply: HeadApply) -> None:
    """Apply the plans that the command agreed to.

    Raises:
        UserError, CloudError: the apply is not allowed, or not possible; the message says why.
        UnfinishedError: something long is done in part; the same command goes on in another turn.
        TransientError: the server is stopping; the same command continues when it is back.
    """
    # We hold the lease, so a run that is still marked as running belongs to a dead process.
    for run in apply.runs():
        close_interrupted(apply.ports, run.stack)
    rules = apply.seen.rules(apply.environment)
    proposal, agreed = _agreed(apply, rules)
    cloud = apply.ports.engine.clouds.open(rules, Purpose.APPLY)
    plans = plan_head(apply, rules, proposal, cloud, {n: one.plan for n, one in agreed.items()})
    # When GitHub does not take it, the apply goes on: its end is told in any case.
    begun = partial(show_deployment, apply, DeploymentState.IN_PROGRESS)
    Telling().say("the beginning of the deployment", begun)
    going_on, waiting = _apply_all(apply, rules, proposal, cloud, plans, agreed)
    if going_on:
        raise UnfinishedError(" ".join(going_on))
    if waiting:
        raise RefusedError("; ".join(waiting))


def _apply_all(
    apply: HeadApply,
    rules: Environment,
    proposal: Proposal,
    cloud: Cloud,
    plans: Sequence[Planned],
    agreed: Mapping[str, Agreed],
) -> tuple[Sequence[str], Sequence[str]]:
    """Apply the plans. Returns what of them goes on in another turn, and what waits for others."""
    by_name = {each.plan.stack.name: each for each in plans}
    wanted, key = proposal.wanted(rules.name).stacks, apply.seen.key(rules.name)
    headers = apply.ports.engine.state.headers(key.repository, rules.name)
    undone = Undone(before=in_order(by_name, wanted, headers))
    going_on: list[str] = []
    waiting: list[str] = []

    def apply_one(name: str) -> None:
        if apply.ports.engine.stop():
            raise TransientError(STOPPING)
        now = proposal.wanted(rules.name).stacks.get(name)
        each, why = turn_of(by_name[name], now, undone)
        if why:
            undone.note(name, "is not applied now")
            waiting.append(f"{each.plan.stack.label} was not applied: {why}")
            return
        # Somebody may have frozen it since this apply began: what has not begun waits.
        _refuse_frozen(apply, rules, each.plan.stack, each.desired)
        result = _apply(apply, cloud, each, agreed[name].digest)
        undone.take(each, result)
        if result.goes_on:
            going_on.append(result.goes_on)

    side_by_side(undone.before, apply_one)
    return [*going_on, *filter(None, [undone.another_turn])], waiting


def _agreed(apply: HeadApply, rules: Environment) -> tuple[Proposal, Mapping[str, Agreed]]:
    """The merge, and the plans of it that the command agreed to, by stack name."""
    ports, seen, pull_request = apply.ports, apply.seen, apply.pull_request
    if not pull_request.open:
        raise RefusedError("the pull request was closed before its apply began")
    if not is_open(ports, apply.command.ref):
        raise RefusedError("it was withdrawn before it began")
    require_right(ports, seen, rules, "apply", apply.command.author, apply.command.author_id)
    if Trigger.COMMENT not in rules.triggers:
        raise RefusedError(f"{rules.name} is applied by merges only (`apply.on`)")
    proposal, affected = applicable(ports, seen, pull_request)
    runs, head = apply.runs(), pull_request.head
    done, begun = finished(runs, head), interrupted(runs, head)
    left = {run.stack.name for run in begun} | done
    fresh = tuple(
        name
        for name in affected.get(rules.name, ())
        if name not in left and apply.command.stack in (None, name)
    )
    for name in fresh:
        stack, desired = seen.stack_id(rules, name), proposal.wanted(rules.name).stacks.get(name)
        try:
            _refuse_frozen(apply, rules, stack, desired)
        except RefusedError:
            _settle_frozen(apply, rules, stack)
            raise
    facts = read_tip_facts(ports, seen)
    shown = agreed_plans(ports, seen, facts, rules, pull_request, fresh, apply.command)
    agreed = {
        run.stack.name: Agreed(plan=ports.records.runs.plan(run.id), digest=_agreed_digest(run))
        for run in (*shown, *begun)
        if run.stack.name not in done and _is_named(apply, run)
    }
    require_ready(ports, seen, rules, pull_request, [one.plan for one in agreed.values()])
    return proposal, agreed


def _refuse_frozen(
    apply: HeadApply, rules: Environment, stack: StackId, desired: DesiredStack | None
) -> None:
    """Return when nothing freezes the stack, or the command overrides it, which is noted.

    Raises:
        RefusedError: it is frozen.
    """
    if refuse_frozen(
        apply.ports,
        rules,
        stack,
        None if desired is None else desired.hash,
        commands=[apply.command],
        in_team=apply.seen.forge.in_team,
        unseen=partial(unseen_teams, apply.seen.forge),
    ):
        apply.overridden.add(stack)


def _settle_frozen(apply: HeadApply, rules: Environment, stack: StackId) -> None:
    """Close what a dead apply left open, though the stack is frozen. What cannot be closed stays."""
    engine = apply.ports.engine
    with suppress(CloudError, UserError):
        cloud = engine.clouds.open(rules, Purpose.APPLY)
        settle_stack(engine, cloud, apply.lease, stack, None)


def _agreed_digest(run: Run) -> str:
    """The digest of a shown plan, or the one that an apply has begun the plan of, or the rest of that plan."""
    return run.reviewed_digest or run.digest


def _is_named(apply: HeadApply, run: Run) -> bool:
    """Whether the command names this run, or the plan that was last shown for its stack."""
    accepted = apply.command.accepted
    named = (accepted.digest if accepted else None) or apply.command.digest
    if fits(named, _agreed_digest(run)):
        return True
    shown = apply.ports.records.runs.shown_plan(run.stack, apply.pull_request.number)
    return shown is not None and fits(named, shown.digest)


def _apply(apply: HeadApply, cloud: Cloud, each: Planned, reviewed: str) -> WalkResult:
    """Apply one plan: that with the ``reviewed`` digest, or the rest of it."""
    ports, head = apply.ports, apply.pull_request.head
    occasion = Occasion(
        tip=apply.seen.tip,
        head=head,
        pull_request=apply.pull_request.number,
        reviewed_digest=reviewed,
        actor=apply.command.author,
        command=apply.command.ref,
        epoch=apply.lease().epoch,
    )
    if each.plan.stack in apply.overridden:
        audit_override(ports, apply.command, each.plan)
    run = open_run(ports, each.plan, occasion, RunStatus.RUNNING)
    result = apply_plan(
        ports.engine,
        cloud,
        apply.lease,
        plan=each.plan,
        desired=each.desired,
        recorded=each.recorded,
        commit=head,
        reviewed=False,
        waits=partial(
            tell_waiting, ports, apply.seen, apply.pull_request.number, apply.environment
        ),
    )
    close_run(ports, run, result)
    if result.interrupted:
        raise TransientError(STOPPING)
    return result
