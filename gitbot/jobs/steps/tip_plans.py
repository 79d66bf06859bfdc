"""Plan the stacks of an environment as the tip wants them, under its lease. Shell."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gitbot.errors import CloudError, GitbotError, SpecError, TransientError, UserError
from gitbot.jobs.steps.agreements import Review
from gitbot.jobs.steps.ahead import Ahead
from gitbot.jobs.steps.apply_stack import settle_stack
from gitbot.jobs.steps.lookup_wishes import wish_at_tip
from gitbot.jobs.steps.observing import Seen, Source, known, look_together
from gitbot.jobs.steps.planning import Planned, guarded, plan_stack
from gitbot.jobs.steps.runs import close_interrupted
from gitbot.jobs.steps.side_by_side import side_by_side
from gitbot.jobs.steps.tip_facts import TipApply
from gitbot.model.desired import DesiredStack
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.names import StackId
from gitbot.model.plan import Plan
from gitbot.model.recorded import RecordedStack
from gitbot.model.runs import Run, RunKind, RunStatus
from gitbot.ports.cloud import Cloud
from gitbot.reconciler.across import pending, withhold


@dataclass(slots=True, kw_only=True)
class TipPlans:
    """The plans with their guards, by name. ``blocked`` says by name why there is none.

    ``unread``: the cloud could not be read for some stack. ``ahead`` has what the plans change.
    """

    plans: dict[str, Planned] = field(default_factory=dict)
    blocked: dict[str, str] = field(default_factory=dict)
    unread: bool = False
    ahead: Ahead = field(default_factory=Ahead)


def plan_tip(
    apply: TipApply,
    cloud: Cloud,
    due: Collection[StackId],
    affected: Collection[str],
    before: Mapping[str, frozenset[str]],
) -> TipPlans:
    """Plan the stacks that are due.

    One that is not ``affected`` itself is planned only if it uses an output that an apply of another
    one changes. ``before`` are the stacks that come before each.
    """
    stacks = {stack.name: stack for stack in due}
    found = TipPlans(ahead=Ahead(unplanned={*before} - stacks.keys()))
    ahead, asked = found.ahead, [stacks[one] for one in before if one in stacks and one in affected]
    sources = _sources(apply, cloud, asked)
    looks = look_together(apply.ports.engine, cloud, sources)

    def plan(name: str) -> None:
        desired = apply.wanted.stacks.get(name)
        if name not in affected and (desired is None or not ahead.waits(desired)):
            return
        try:
            source, look = sources.get(name), looks.get(name)
            found.plans[name] = _plan(apply, cloud, stacks[name], ahead.of(desired), source, look)
            ahead.note(found.plans[name].plan)
        except SpecError as error:
            found.blocked[name] = "; ".join(map(_placed, error.diagnostics))
        except (CloudError, TransientError, UserError) as error:
            hidden = apply.ports.engine.hide(str(error))
            found.blocked[name] = f"it could not be planned: {hidden}"
            found.unread = found.unread or isinstance(error, TransientError)
        if name in found.blocked:
            ahead.unplanned.add(name)

    side_by_side({name: before[name] & stacks.keys() for name in before if name in stacks}, plan)
    # In the order of the environment, not in that in which the plans were ready.
    shown = _guarded(apply, [found.plans[name].plan for name in before if name in found.plans])
    found.plans = {plan.stack.name: found.plans[plan.stack.name].with_plan(plan) for plan in shown}
    return found


def _placed(problem: Diagnostic) -> str:
    return f"{problem.file}:{problem.line}: {problem.detail}"


def _guarded(apply: TipApply, plans: Collection[Plan]) -> tuple[Plan, ...]:
    return guarded(
        apply.ports.engine,
        tuple(plans),
        wanted=apply.wanted,
        recorded=apply.recorded,
        claimed=[
            stack
            for stack, claim in apply.claims.items()
            if claim.closed or claim.pull_request in apply.open_claimants
        ],
    )


def _sources(
    apply: TipApply, cloud: Cloud, stacks: Sequence[StackId]
) -> dict[str, Source | GitbotError]:
    """The stacks by name, without open intents; or why one cannot be planned."""
    found: dict[str, Source | GitbotError] = {}

    def settle(name: str) -> None:
        try:
            found[name] = _settled(apply, cloud, by_name[name])
        except (CloudError, TransientError, UserError) as error:
            found[name] = error

    by_name = {stack.name: stack for stack in stacks}
    side_by_side({name: () for name in by_name}, settle)
    return found


def _settled(apply: TipApply, cloud: Cloud, stack: StackId) -> Source:
    """The stack as the tip wants it, without open intents."""
    close_interrupted(apply.ports, stack)
    desired = apply.wanted.stacks.get(stack.name)
    return desired, settle_stack(apply.ports.engine, cloud, apply.lease, stack, desired)


def _plan(
    apply: TipApply,
    cloud: Cloud,
    stack: StackId,
    desired: DesiredStack | None,
    source: Source | GitbotError | None,
    look: Seen | GitbotError | None,
) -> Planned:
    """The plan of the stack. Without a source its intents are closed first, without a look the cloud is read now."""
    _, recorded = known(source) or _settled(apply, cloud, stack)
    return _planned(apply, cloud, stack, desired, recorded, known(look))


def _planned(
    apply: TipApply,
    cloud: Cloud,
    stack: StackId,
    desired: DesiredStack | None,
    recorded: RecordedStack,
    seen: Seen | None = None,
) -> Planned:
    plan = plan_stack(
        apply.ports.engine,
        cloud,
        stack=stack,
        desired=desired,
        recorded=recorded,
        commit=apply.seen.tip,
        reviewed=True,
        seen=seen,
        lookups=wish_at_tip(apply, desired, recorded),
    )
    return Planned(plan=plan, desired=desired, recorded=recorded)


def as_agreed(apply: TipApply, cloud: Cloud, each: Planned, reviews: Collection[Review]) -> Planned:
    """The plan, with those outputs unknown that were unknown in the plan that people agreed to.

    People agreed to use whatever an apply that came before gives. That apply may be done since, in
    another job: the plan that knows the values is then another one, and means the same. The guards
    stay those of the plan that knows more. Where nobody agreed to such a plan it stays as it is.
    """
    if each.desired is None or not each.desired.uses:
        return each
    for run in (*(one.run for one in reviews), *_released(apply, each.plan.stack)):
        agreed = apply.ports.records.runs.plan(run.id)
        open_ = pending(agreed)
        if agreed.digest == each.plan.digest or open_ == pending(each.plan):
            continue
        desired = withhold(each.desired, open_, agreed.uses)
        again = _planned(apply, cloud, each.plan.stack, desired, each.recorded)
        if again.plan.digest == agreed.digest:
            return again.with_plan(replace(again.plan, guards=each.plan.guards))
    return each


def _released(apply: TipApply, stack: StackId) -> tuple[Run, ...]:
    statuses = (RunStatus.RELEASED,)
    return tuple(apply.ports.records.runs.of_stack(stack, RunKind.APPLY, statuses, limit=1))
