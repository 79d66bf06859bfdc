"""Apply one stack of the tip, or hold it until people agree to its plan. Shell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from gitbot.decisions.consent import Consent
from gitbot.jobs.steps.agreements import Review, reviews
from gitbot.jobs.steps.ahead import Undone
from gitbot.jobs.steps.apply_stack import apply_plan
from gitbot.jobs.steps.frozen_applies import Frozen, find_frozen, note_override
from gitbot.jobs.steps.planning import Planned
from gitbot.jobs.steps.report_apply import begin_deployment
from gitbot.jobs.steps.runs import Occasion, close_run, hold_run, open_run
from gitbot.jobs.steps.tip_consent import ask
from gitbot.jobs.steps.tip_facts import TipApply
from gitbot.jobs.steps.tip_plans import as_agreed
from gitbot.jobs.steps.turns import tell_waiting
from gitbot.model.desired import Environment
from gitbot.model.names import StackId
from gitbot.model.runs import Claim, Run, RunStatus
from gitbot.ports.cloud import Cloud


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


def apply_one(
    apply: TipApply, rules: Environment, cloud: Cloud, each: Planned, undone: Undone, log: Log
) -> None:
    """Apply one plan. If it may not be applied now, note why, and that its users wait for it."""
    stack = each.plan.stack
    if _frozen_since(apply, rules, stack, log):
        undone.note(stack.name, "is frozen")
        return
    found = reviews(apply.ports, apply.seen, apply.merged, stack, each.recorded)
    each, answer = _answered(apply, rules, cloud, each, found)
    occasion = _occasion(apply, apply.claim(stack), found, answer)
    if stack in log.overridden and (refused := note_override(apply, each.plan)):
        log.frozen[stack.name] = refused
        undone.note(stack.name, "is frozen")
        return
    if not answer.given:
        log.touched.append(hold_run(apply.ports, each.plan, occasion, answer.why))
        undone.note(stack.name, "waits for consent")
        return
    _carry_out(apply, rules, cloud, each, occasion, undone, log)


def _frozen_since(apply: TipApply, rules: Environment, stack: StackId, log: Log) -> bool:
    """Whether somebody froze the stack after this apply began: what has not begun waits."""
    if stack in log.overridden:
        return False
    again = find_frozen(apply, rules, [stack])
    log.note_frozen(again)
    return bool(again.waits or again.held)


def _answered(
    apply: TipApply, rules: Environment, cloud: Cloud, each: Planned, found: Sequence[Review]
) -> tuple[Planned, Consent]:
    """Whether people agreed to the plan, with the plan in the form that they agreed to."""
    if each.plan.asks_nobody:
        return each, Consent(given="nothing to do")
    answer = ask(apply, rules, each, found)
    if not answer.given and each.plan.uses:
        each = as_agreed(apply, cloud, each, found)
        answer = ask(apply, rules, each, found)
    return each, answer


def _occasion(
    apply: TipApply, claim: Claim | None, found: Sequence[Review], answer: Consent
) -> Occasion:
    reviewed = found[0].run if found else None
    known = reviewed or claim
    return Occasion(
        tip=apply.seen.tip,
        pull_request=known.pull_request if known else None,
        reviewed_digest=reviewed.digest if reviewed else None,
        actor=answer.released_by or apply.actor,
        epoch=apply.lease().epoch,
    )


def _carry_out(
    apply: TipApply,
    rules: Environment,
    cloud: Cloud,
    each: Planned,
    occasion: Occasion,
    undone: Undone,
    log: Log,
) -> None:
    """Walk the plan and record how it ended."""
    ports, plan = apply.ports, each.plan
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
    undone.take(each, result)
    claim = apply.claim(plan.stack)
    if closed.status is RunStatus.APPLIED and claim is not None:
        ports.records.claims.release([claim.stack])
