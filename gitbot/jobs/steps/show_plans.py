"""Plan the stacks that a pull request changes, and show the plans on it. Shell."""

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
from gitbot.errors import (
    CloudError,
    ConversationClosedError,
    SpecError,
    TransientError,
    UserError,
)
from gitbot.jobs.steps.expiry.preview import expiry_previews
from gitbot.jobs.steps.look import Engine, Glance, Look, Ports
from gitbot.jobs.steps.obstacles import freeze_on
from gitbot.jobs.steps.planning import guarded, plan_stack, read_state
from gitbot.jobs.steps.proposal import Proposal
from gitbot.jobs.steps.publish import keep_comments, set_checks
from gitbot.jobs.steps.rights import missing_approval
from gitbot.language.files import environment_of
from gitbot.model.cloud import Purpose
from gitbot.model.desired import Environment, Trigger
from gitbot.model.forge import PullRequest, Written
from gitbot.model.names import Sha
from gitbot.model.plan import Plan
from gitbot.model.runs import Run, RunKind, RunStatus
from gitbot.model.said import PLAN, ShownDigest
from gitbot.model.secrets import Secrets
from gitbot.ports.cloud import Cloud
from gitbot.render.checks import check_for_pull_request, check_left_over, checks_for_plans
from gitbot.render.drift_checks import drift_note
from gitbot.render.excerpts import excerpts
from gitbot.render.plan_comments import plan_comment
from gitbot.render.plan_words import hides_access
from gitbot.render.promotion import CHECK as PROMOTION
from gitbot.render.secrecy import conceals_plan, explained, without_secrets
from gitbot.render.views import EnvironmentPlanView, Excerpts, PlanCommentView, StackPlanView


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownEnvironment:
    """One environment in the plan comment, and the ids of the runs that it shows, by stack.

    The names of the stacks are whole: ``dev/web``. ``unread`` is set when the cloud did not answer:
    the plan must be made again.
    """

    view: EnvironmentPlanView
    runs: Mapping[str, str] = field(default_factory=dict)
    unread: TransientError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of the plan comment.

    ``written`` is None where there is nothing to say, or where the conversation takes no comment
    (``refused``). ``partly`` are the stacks (``dev/web``) whose plan people cannot read whole there.
    """

    written: Written | None = None
    refused: bool = False
    partly: Collection[str] = ()


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
    if not names:
        return (), {}
    try:
        cloud = ports.engine.clouds.open(rules, Purpose.PLAN)
    except UserError as error:
        return tuple(StackPlanView(name=name, blocked=str(error)) for name in names), {}
    outcomes: dict[str, Plan | StackPlanView] = {}
    for name in names:
        try:
            outcomes[name] = _plan_one(ports, seen, proposal, rules, name, cloud)
        except TransientError as error:
            unread.append(error)
            outcomes[name] = _unplanned(ports.engine, name, error)
    number, key = proposal.pull_request.number, seen.key(rules.name)
    claims = ports.records.claims.of_environment(key)
    wanted = proposal.wanted(rules.name)
    headers = ports.engine.state.headers(key.repository, rules.name)
    shown = guarded(
        ports.engine,
        [each for each in outcomes.values() if isinstance(each, Plan)],
        wanted=wanted,
        recorded=headers,
        claimed=of_others(claims, number),
    )
    views = {name: each for name, each in outcomes.items() if isinstance(each, StackPlanView)}
    for plan in shown:
        known = names_of(plan.stack, wanted.stacks.get(plan.stack.name), headers)
        blocked = blocks_plan(claims, known, number)
        former = {header.id for header in headers if not header.empty} & set(known[1:])
        views[plan.stack.name] = StackPlanView(
            name=plan.stack.name, plan=plan, blocked=blocked, renamed=bool(former)
        )
    runs = {plan.stack.label: _record(ports, seen, proposal, plan) for plan in shown}
    rows = ports.records.drift.of_environment(key)
    hours = _hours(ports, proposal, rules, [*shown])
    drift = {
        name: tuple(drift_note(row) for row in rows if row.live and row.stack.name == name)
        for name in names
    }
    return tuple(
        replace(views[name], drift=drift[name], hours=hours.get(name, ())) for name in names
    ), runs


def _hours(
    ports: Ports, proposal: Proposal, rules: Environment, plans: Sequence[Plan]
) -> Mapping[str, tuple[str, ...]]:
    """What to say about the off-hours of each planned stack."""
    now = ports.engine.calendar.now()
    wanted, calendars = proposal.wanted(rules.name).stacks, calendars_at(proposal.merged, now)
    schemas = ports.engine.clouds.schemas
    return {
        plan.stack.name: hours_remarks(
            wanted.get(plan.stack.name), plan.changes, rules, schemas, calendars, now
        )
        for plan in plans
    }


def _plan_one(
    ports: Ports, seen: Look, proposal: Proposal, rules: Environment, name: str, cloud: Cloud
) -> Plan | StackPlanView:
    stack, engine = seen.stack_id(rules, name), ports.engine
    desired = proposal.wanted(rules.name).stacks.get(name)
    try:
        plan = plan_stack(
            engine,
            cloud,
            stack=stack,
            desired=desired,
            recorded=read_state(engine, stack, desired),
            commit=Sha(proposal.tree.id),
            reviewed=False,
        )
    except SpecError as error:
        return StackPlanView(name=name, problems=error.diagnostics)
    except (CloudError, UserError) as error:
        return _unplanned(engine, name, error)
    return plan


def _unplanned(engine: Engine, name: str, error: Exception) -> StackPlanView:
    why = engine.hide(str(error))
    return StackPlanView(name=name, blocked=f"it could not be planned: {why}")


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


def keep_plan_comment(
    ports: Ports, seen: Glance, pull_request: PullRequest, view: PlanCommentView
) -> Told:
    """Create or edit the plan comment and those that it goes on in; returns what became of it.

    A pull request that touches no spec gets no comment, unless it already has one.
    """
    texts = plan_comment(view)
    repository, number = seen.repository.id, pull_request.number
    says = view.environments or view.notes or view.diagnostics
    if says or ports.records.said.comment(repository, number, PLAN) is not None:
        try:
            return Told(
                written=keep_comments(ports, seen.forge, repository, number, PLAN, texts.pages),
                partly=texts.partly,
            )
        except ConversationClosedError:
            return Told(refused=True, partly=texts.partly)
    return Told()


def note_shown_plans(
    ports: Ports, number: int, shown: Sequence[ShownEnvironment], told: Told
) -> None:
    """Record that the pull request shows these plans since it was told, in GitHub's time."""
    if told.written is None:
        return
    at, runs = told.written.at, {k: run for each in shown for k, run in each.runs.items()}
    partly = [run for label, run in runs.items() if label in told.partly]
    ports.records.runs.mark_shown(tuple(runs.values()), at, partly=partly)
    plans = [stack.plan for each in shown for stack in each.view.stacks if stack.plan is not None]
    digests = [ShownDigest(stack=p.stack, digest=p.digest, shown_at=at, topic=PLAN) for p in plans]
    ports.records.pull_requests.note_shown(number, digests)


def plan_view(
    seen: Glance,
    pull_request: PullRequest,
    proposal: Proposal | None,
    shown: Sequence[ShownEnvironment],
    notes: tuple[str, ...],
) -> PlanCommentView:
    """The view that the comment and the checks are made from, without sensitive values."""
    environments = tuple(each.view for each in shown)
    entries = proposal.tree.entries if proposal else {}
    covered = proposal.merged.covered if proposal else {}
    base = pull_request.url.split("/pull/")[0]
    view = PlanCommentView(
        head=pull_request.head,
        tip=seen.tip,
        tracked_branch=seen.repository.tracked_branch,
        environments=environments,
        diagnostics=proposal.problems(None) if proposal else (),
        notes=notes,
        excerpts=Excerpts(
            blob_base=f"{base}/blob/{pull_request.head}",
            lines=excerpts(entries, environments, covered),
        ),
    )
    secrets = seen.secrets | (proposal.merged.secrets if proposal else Secrets())
    cleaned = without_secrets(view, secrets)
    pairs = zip(environments, cleaned.environments, strict=True)
    return replace(cleaned, environments=tuple(explained(*pair) for pair in pairs))


def unconcealed(
    view: PlanCommentView, shown: Sequence[ShownEnvironment]
) -> tuple[ShownEnvironment, ...]:
    """The environments of whose plans the view conceals nothing. Only these count as shown."""
    pairs = zip(shown, view.environments, strict=True)
    return tuple(one for one, clean in pairs if not conceals_plan(one.view, clean))


def set_plan_checks(
    ports: Ports,
    seen: Glance,
    pull_request: PullRequest,
    view: PlanCommentView,
    partly: Collection[str],
) -> None:
    """Set the checks: of the environments that it touches, and one for the pull request.

    The last one stands on every head, so that it can be required. A check of this head that is not
    needed any more turns green, or neutral if the pull request cannot be planned now.
    """
    checks = checks_for_plans(view, partly)
    whole = check_for_pull_request(view, checks)
    known = ports.records.said.checks(seen.repository.id, pull_request.head)
    # What a promotion waits for is said by its own job.
    gone = known.keys() - {check.name for check in (*checks, whole)} - {PROMOTION}
    checks += [
        check_left_over(name, view, whole) for name in sorted(gone) if not name.endswith("/apply")
    ]
    set_checks(ports, seen, pull_request.head, (*checks, whole), pull_request.url)
