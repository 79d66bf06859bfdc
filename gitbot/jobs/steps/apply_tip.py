"""Apply the tip to the stacks of an environment, side by side, under its lease. Shell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from gitbot.decisions.claims import blocks_tip, ended_by_tip
from gitbot.decisions.consent import Consent
from gitbot.decisions.leftovers import no_longer_held
from gitbot.errors import CloudError, SpecError, TransientError, UserError
from gitbot.jobs.steps.agreements import reviews
from gitbot.jobs.steps.ahead import Undone, turn_of
from gitbot.jobs.steps.apply_stack import apply_plan, settle_stack
from gitbot.jobs.steps.frozen_applies import (
    Frozen,
    find_frozen,
    note_override,
    standing_withdrawals,
)
from gitbot.jobs.steps.planning import Planned
from gitbot.jobs.steps.report_apply import begin_deployment
from gitbot.jobs.steps.runs import (
    Occasion,
    close_left_running,
    close_run,
    hold_run,
    open_run,
    supersede,
)
from gitbot.jobs.steps.side_by_side import side_by_side
from gitbot.jobs.steps.tip_consent import ask
from gitbot.jobs.steps.tip_facts import TipApply
from gitbot.jobs.steps.tip_plans import TipPlans, as_agreed, plan_tip
from gitbot.jobs.steps.turns import tell_waiting
from gitbot.model.cloud import Purpose
from gitbot.model.desired import Environment
from gitbot.model.names import StackId
from gitbot.model.runs import Run, RunStatus
from gitbot.ports.cloud import Cloud
from gitbot.reconciler.across import in_order, users_of
from gitbot.reconciler.affected import affected_by_apply, environment_errors


@dataclass(slots=True, kw_only=True)
class Log:
    """What an apply has done so far.

    ``blocked`` says by stack why it was not applied, and ``frozen`` why it waits. ``overridden`` are
    the stacks that are frozen and applied all the same. ``touched`` are the runs that were made or
    found. ``stopped``: the server is stopping and there is more to do. ``unread``: the cloud could
    not be read for some stack, so the sweep must try again. ``goes_on`` says how far long work is
    that takes another turn. ``complete``: every affected stack was looked at.
    """

    blocked: dict[str, str] = field(default_factory=dict)
    frozen: dict[str, str] = field(default_factory=dict)
    overridden: set[StackId] = field(default_factory=set)
    touched: list[Run] = field(default_factory=list)
    stopped: bool = False
    unread: bool = False
    goes_on: list[str] = field(default_factory=list)
    complete: bool = False

    def note_frozen(self, frozen: Frozen) -> None:
        """Take in what is frozen."""
        self.frozen |= {stack.name: words for stack, words in frozen.waits.items()}
        self.overridden |= frozen.overridden
        self.touched += frozen.held


def apply_tip(apply: TipApply, log: Log) -> None:
    """Apply every affected stack that may be applied; hold, block and log the others.

    Raises:
        UserError, CloudError: the apply could not continue; ``log`` says what was done before.
    """
    rules = apply.seen.rules(apply.environment)
    cloud = apply.ports.engine.clouds.open(rules, Purpose.APPLY)
    impossible = environment_errors(apply.seen.at_tip, apply.recorded)
    if impossible:
        raise SpecError(impossible)
    affected = affected_by_apply(apply.wanted, apply.recorded)
    names = (*affected, *users_of(apply.wanted.stacks, affected))
    before = in_order(names, apply.wanted.stacks, apply.recorded)
    due = _due(apply, rules, cloud, before, log)
    close_left_running(apply.ports, apply.seen.key(apply.environment), due)
    found = plan_tip(apply, cloud, due, affected, before)
    _forget_unmoved(apply, {*before} - {*affected}, found, log)
    log.blocked |= found.blocked
    log.unread = log.unread or found.unread
    _apply_all(apply, rules, cloud, found, before, log)
    if log.stopped:
        return
    _end_holds(apply, log)
    _end_claims(apply, rules, due, log)
    log.complete = True


def _forget_unmoved(apply: TipApply, users: Iterable[str], found: TipPlans, log: Log) -> None:
    """Say nothing of stacks that have nothing to wait for: no output that they use changes."""
    for name in users:
        if not found.ahead.waits(apply.wanted.stacks[name]):
            log.blocked.pop(name, None)
            log.frozen.pop(name, None)


def _apply_all(
    apply: TipApply,
    rules: Environment,
    cloud: Cloud,
    found: TipPlans,
    before: Mapping[str, frozenset[str]],
    log: Log,
) -> None:
    """Apply the plans; what depends on a stack that is not applied waits for it."""
    undone = Undone(
        before=before, words=dict.fromkeys({*log.blocked, *log.frozen}, "is not applied now")
    )

    def apply_one(name: str) -> None:
        log.stopped = log.stopped or apply.ports.engine.stop()
        if log.stopped:
            return
        now = apply.seen.wanted(rules.name).stacks.get(name)
        each, why = turn_of(found.plans[name], now, undone)
        if why:
            log.blocked[name] = why
            undone.note(name, "is not applied now")
        else:
            _apply_one(apply, rules, cloud, each, undone, log)

    side_by_side({name: before[name] & found.plans.keys() for name in found.plans}, apply_one)


def _due(
    apply: TipApply, rules: Environment, cloud: Cloud, names: Iterable[str], log: Log
) -> tuple[StackId, ...]:
    """Those of the stacks that nothing keeps from being applied, in the same order."""
    stacks = [apply.seen.stack_id(rules, name) for name in names]
    withdrawn = standing_withdrawals(apply, rules, stacks)
    free = []
    for stack in stacks:
        blocked = blocks_tip(apply.claim(stack), apply.open_claimants) or withdrawn.get(stack, "")
        if blocked:
            log.blocked[stack.name] = blocked
        else:
            free.append(stack)
    frozen = find_frozen(apply, rules, free)
    log.note_frozen(frozen)
    kept = {*frozen.waits, *(run.stack for run in frozen.held)}
    for stack in sorted(kept):
        _settle_frozen(apply, cloud, stack, log)
    return tuple(stack for stack in free if stack not in kept)


def _settle_frozen(apply: TipApply, cloud: Cloud, stack: StackId, log: Log) -> None:
    """Close what a dead apply left open, though the stack is frozen."""
    desired = apply.wanted.stacks.get(stack.name)
    try:
        settle_stack(apply.ports.engine, cloud, apply.lease, stack, desired)
    except (CloudError, TransientError, UserError) as error:
        why = apply.ports.engine.hide(str(error))
        told = log.frozen if stack.name in log.frozen else log.blocked
        words = f"{told.get(stack.name, '')} What an apply that died left open could not be closed: {why}"
        told[stack.name] = words.strip()
        log.unread = log.unread or isinstance(error, TransientError)


def _apply_one(
    apply: TipApply, rules: Environment, cloud: Cloud, each: Planned, undone: Undone, log: Log
) -> None:
    ports, plan, name = apply.ports, each.plan, each.plan.stack.name
    # Somebody may have frozen it since this apply began: what has not begun waits.
    if plan.stack not in log.overridden:
        again = find_frozen(apply, rules, [plan.stack])
        log.note_frozen(again)
        if again.waits or again.held:
            undone.note(name, "is frozen")
            return
    claim = apply.claim(plan.stack)
    found = reviews(ports, apply.seen, apply.merged, plan.stack, each.recorded)
    reviewed = found[0].run if found else None
    answer = Consent(given="nothing to do") if plan.asks_nobody else ask(apply, rules, each, found)
    if not answer.given and plan.uses:
        each = as_agreed(apply, cloud, each, found)
        plan, answer = each.plan, ask(apply, rules, each, found)
    known = reviewed or claim
    occasion = Occasion(
        tip=apply.seen.tip,
        pull_request=known.pull_request if known else None,
        reviewed_digest=reviewed.digest if reviewed else None,
        actor=answer.released_by or apply.actor,
        epoch=apply.lease().epoch,
    )
    if plan.stack in log.overridden:
        refused = note_override(apply, plan)
        if refused:
            log.frozen[name] = refused
            undone.note(name, "is frozen")
            return
    if not answer.given:
        log.touched.append(hold_run(ports, plan, occasion, answer.why))
        undone.note(name, "waits for consent")
        return
    run = open_run(ports, plan, occasion, RunStatus.RUNNING)
    log.touched.append(run)
    if run.does:
        begin_deployment(apply.seen, rules.name)
    result = apply_plan(
        ports.engine,
        cloud,
        apply.lease,
        plan=plan,
        desired=each.desired,
        recorded=each.recorded,
        commit=apply.seen.tip,
        reviewed=True,
        waits=partial(tell_waiting, ports, apply.seen, occasion.pull_request, rules.name),
    )
    log.stopped = log.stopped or result.interrupted
    log.goes_on += filter(None, [result.goes_on])
    closed = close_run(ports, run, result)
    if not result.ok or result.goes_on:
        undone.note(name, "is not applied whole", began=True)
    if closed.status is RunStatus.APPLIED and claim is not None:
        ports.records.claims.release([claim.stack])


def _end_holds(apply: TipApply, log: Log) -> None:
    """Supersede held runs that this tip no longer needs."""
    held = apply.ports.records.runs.held(apply.seen.key(apply.environment))
    kept = {run.id for run in log.touched}
    blocked = log.blocked.keys() | log.frozen.keys()
    supersede(apply.ports, no_longer_held(held, kept=kept, blocked=blocked))


def _end_claims(apply: TipApply, rules: Environment, due: Sequence[StackId], log: Log) -> None:
    left = log.blocked.keys() | log.frozen.keys()
    held = (run.stack for run in log.touched)
    stacks = (*due, *held, *(apply.seen.stack_id(rules, name) for name in left))
    affected = {name for stack in stacks for name in apply.names(stack)}
    apply.ports.records.claims.release(
        ended_by_tip(apply.claims.values(), affected, apply.open_claimants)
    )
