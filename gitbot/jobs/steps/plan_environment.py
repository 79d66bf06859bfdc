"""Plan the stacks of an environment that a pull request changes, and record the plans. Shell."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gitbot.decisions.advice import ChangedStack, OfferFacts, conditions, offers, without_offer
from gitbot.decisions.claims import blocks_plan, names_of, of_others
from gitbot.decisions.freeze.waiting import words_for_plan
from gitbot.decisions.hours.holidays import calendars_at
from gitbot.decisions.hours.remarks import hours_remarks
from gitbot.decisions.scope import Scope
from gitbot.errors import TransientError, UserError
from gitbot.jobs.steps.expiry.preview import expiry_previews
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.obstacles import freeze_on
from gitbot.jobs.steps.plan_each import plan_each
from gitbot.jobs.steps.planning import guarded
from gitbot.jobs.steps.proposal import Proposal
from gitbot.jobs.steps.rights import missing_approval
from gitbot.language.files import environment_of
from gitbot.model.cloud import Purpose
from gitbot.model.desired import Environment, Trigger
from gitbot.model.names import Sha
from gitbot.model.plan import Plan
from gitbot.model.runs import Run, RunKind, RunStatus
from gitbot.render.drift_checks import drift_note
from gitbot.render.plan_words import hides_access
from gitbot.render.views import EnvironmentPlanView, StackPlanView


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownEnvironment:
    """One environment in the plan comment, and the ids of the runs that it shows, by stack.

    The names of the stacks are whole: ``dev/web``. ``unread`` is set when the cloud did not answer:
    the plan must be made again.
    """

    view: EnvironmentPlanView
    runs: Mapping[str, str] = field(default_factory=dict)
    unread: TransientError | None = None


def plan_environment(
    ports: Ports, seen: Look, proposal: Proposal, scope: Scope
) -> ShownEnvironment:
    """The plans of the environment, recorded as runs. Without rules its stacks are only named."""
    if scope.rules is None:
        view = EnvironmentPlanView(
            name=scope.environment,
            diagnostics=scope.diagnostics,
            known=scope.known,
            validated_only=scope.validated_only,
            rules=scope.rule_changes,
            expiries=expiry_previews(ports, seen, proposal, scope.environment),
            new=all(environment_of(path) != scope.environment for path in seen.tree.entries),
            stacks=tuple(StackPlanView(name=each) for each in scope.stacks),
        )
        return ShownEnvironment(view=view)
    unread: list[TransientError] = []
    stacks, runs = _plan_stacks(ports, seen, proposal, scope.rules, scope.stacks, unread)
    frozen = _frozen(ports, seen, scope.rules, stacks)
    facts = _offer_facts(ports, seen, proposal, scope.rules, stacks, frozen)
    view = EnvironmentPlanView(
        name=scope.environment,
        stacks=stacks,
        offers=offers(facts),
        conditions=conditions(scope.rules),
        missing=tuple(facts.missing),
        unoffered=without_offer(facts),
        frozen=tuple(dict.fromkeys(frozen.values())),
        diagnostics=scope.diagnostics,
        known=scope.known,
        rules=scope.rule_changes,
        expiries=expiry_previews(ports, seen, proposal, scope.environment),
        applies_on_merge=Trigger.MERGE in scope.rules.triggers,
    )
    return ShownEnvironment(view=view, runs=runs, unread=unread[0] if unread else None)


def _offer_facts(
    ports: Ports,
    seen: Look,
    proposal: Proposal,
    rules: Environment,
    stacks: Sequence[StackPlanView],
    frozen: Collection[str],
) -> OfferFacts:
    """What decides which commands the comment offers."""
    plans = [each.plan for each in stacks if each.plan is not None]
    asks = Trigger.COMMENT in rules.triggers and bool(plans)
    return OfferFacts(
        rules=rules,
        stacks=[
            ChangedStack(
                name=each.name,
                plan=each.plan,
                blocked=bool(each.blocked),
                renamed=each.renamed,
                unread=each.plan is not None and hides_access(each.plan),
                frozen=each.name in frozen,
            )
            for each in stacks
        ],
        missing=missing_approval(ports, seen, rules, proposal.pull_request, plans) if asks else (),
        errors=bool(proposal.merged.errors(rules.name)),
    )


def _frozen(
    ports: Ports, seen: Look, rules: Environment, stacks: Sequence[StackPlanView]
) -> Mapping[str, str]:
    """What freezes each of the stacks that change, by name; none of those that nothing freezes."""
    found: dict[str, str] = {}
    for each in stacks:
        if each.plan is not None and not each.plan.empty:
            verdict = freeze_on(ports, rules, each.plan.stack, each.plan.desired_hash)
            if not verdict.allowed:
                found[each.name] = words_for_plan(rules, verdict)
    return found


def _plan_stacks(
    ports: Ports,
    seen: Look,
    proposal: Proposal,
    rules: Environment,
    names: Sequence[str],
    unread: list[TransientError],
) -> tuple[tuple[StackPlanView, ...], Mapping[str, str]]:
    """The stacks in the order of ``names``, and the ids of their runs."""
    if not names:
        return (), {}
    try:
        cloud = ports.engine.clouds.open(rules, Purpose.PLAN)
    except UserError as error:
        return tuple(StackPlanView(name=name, blocked=str(error)) for name in names), {}
    outcomes = plan_each(ports, seen, proposal, rules, names, cloud, unread)
    found = [outcomes[name] for name in names]
    views = {view.name: view for view in found if isinstance(view, StackPlanView)}
    plans = [plan for plan in found if isinstance(plan, Plan)]
    planned = _guarded(ports, seen, proposal, rules, plans)
    views |= {view.name: view for view, _ in planned}
    runs = {plan.stack.label: _record(ports, seen, proposal, plan) for _, plan in planned}
    drift = ports.records.drift.of_environment(seen.key(rules.name))
    hours = _hours(ports, seen, proposal, rules, [plan for _, plan in planned])
    return tuple(
        replace(
            views[name],
            drift=tuple(drift_note(row) for row in drift if row.live and row.stack.name == name),
            hours=hours.get(name, ()),
        )
        for name in names
    ), runs


def _guarded(
    ports: Ports, seen: Look, proposal: Proposal, rules: Environment, plans: Sequence[Plan]
) -> list[tuple[StackPlanView, Plan]]:
    """The plans with the guards that they meet together, and what claims and renames say of each."""
    number, key = proposal.pull_request.number, seen.key(rules.name)
    claims = ports.records.claims.of_environment(key)
    wanted = proposal.wanted(rules.name)
    headers = ports.engine.state.headers(key.repository, rules.name)
    recorded = {header.id for header in headers if not header.empty}
    found = []
    for plan in guarded(
        ports.engine, plans, wanted=wanted, recorded=headers, claimed=of_others(claims, number)
    ):
        known = names_of(plan.stack, wanted.stacks.get(plan.stack.name), headers)
        view = StackPlanView(
            name=plan.stack.name,
            plan=plan,
            blocked=blocks_plan(claims, known, number),
            renamed=not recorded.isdisjoint(known[1:]),
        )
        found.append((view, plan))
    return found


def _hours(
    ports: Ports, seen: Look, proposal: Proposal, rules: Environment, plans: Sequence[Plan]
) -> Mapping[str, tuple[str, ...]]:
    """What to say about the off-hours of each planned stack."""
    now = ports.engine.calendar.now()
    wanted = proposal.wanted(rules.name).stacks
    calendars = calendars_at(proposal.merged, rules.name, now)
    schemas = ports.engine.clouds.schemas
    known = ports.records.hours.of_environment(seen.key(rules.name))
    return {
        plan.stack.name: hours_remarks(
            wanted.get(plan.stack.name),
            plan.changes,
            rules,
            schemas,
            calendars,
            now,
            command=known[plan.stack].command if plan.stack in known else None,
        )
        for plan in plans
    }


def _record(ports: Ports, seen: Look, proposal: Proposal, plan: Plan) -> str:
    now, pull_request = ports.clock.now(), proposal.pull_request
    run = Run(
        id=f"plan:{uuid.uuid4().hex}",
        kind=RunKind.PLAN,
        stack=plan.stack,
        commit=Sha(proposal.tree.id),
        head=pull_request.head,
        tip=seen.tip,
        pull_request=pull_request.number,
        status=RunStatus.PLANNED,
        digest=plan.digest,
        does=not plan.empty,
        actor=pull_request.author,
        started_at=now,
        finished_at=now,
    )
    ports.records.runs.add(run, plan)
    return run.id
