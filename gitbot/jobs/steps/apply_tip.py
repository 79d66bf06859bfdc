"""Apply the tip to the stacks of an environment, side by side, under its lease. Shell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gitbot.decisions.claims import blocks_tip, ended_by_tip
from gitbot.decisions.leftovers import no_longer_held
from gitbot.errors import CloudError, SpecError, TransientError, UserError
from gitbot.jobs.steps.ahead import Undone, turn_of
from gitbot.jobs.steps.apply_stack import settle_stack
from gitbot.jobs.steps.frozen_applies import find_frozen, standing_withdrawals
from gitbot.jobs.steps.runs import close_left_running, supersede
from gitbot.jobs.steps.side_by_side import side_by_side
from gitbot.jobs.steps.tip_facts import TipApply
from gitbot.jobs.steps.tip_plans import TipPlans, plan_tip
from gitbot.jobs.steps.tip_stack import Log, apply_one
from gitbot.model.cloud import Purpose
from gitbot.model.desired import Environment
from gitbot.model.names import StackId
from gitbot.ports.cloud import Cloud
from gitbot.reconciler.across import in_order, users_of
from gitbot.reconciler.affected import affected_by_apply, environment_errors


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

    def take_turn(name: str) -> None:
        log.stopped = log.stopped or apply.ports.engine.stop()
        if log.stopped:
            return
        now = apply.seen.wanted(rules.name).stacks.get(name)
        each, why = turn_of(found.plans[name], now, undone)
        if why:
            log.blocked[name] = why
            undone.note(name, "is not applied now")
        else:
            apply_one(apply, rules, cloud, each, undone, log)

    side_by_side({name: before[name] & found.plans.keys() for name in found.plans}, take_turn)
    log.goes_on += filter(None, [undone.another_turn])


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
