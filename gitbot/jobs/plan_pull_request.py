"""The job that plans an open pull request and says so in one comment and a check per environment. Shell."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace

from gitbot.errors import CloudError, SpecError, TransientError, UserError
from gitbot.jobs.freshness import fork_slot, note_fork_head, world_mark
from gitbot.jobs.planning import guarded, plan_stack, read_state
from gitbot.jobs.report import PLAN_MARKER, PLAN_SLOT, keep_comment
from gitbot.jobs.world import Look, World, claimed_by_others, look, recorded_stacks
from gitbot.model.cloud import Purpose
from gitbot.model.desired import Environment, LoadedTree, Trigger
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.forge import Check, CheckState, PullRequest
from gitbot.model.names import Sha
from gitbot.model.plan import Plan
from gitbot.model.run import Run, RunKind, RunStatus
from gitbot.model.tree import SpecTree
from gitbot.model.values import Json
from gitbot.ports import Cloud
from gitbot.reconciler.affected import (
    affected_by_pull_request,
    environment_changes,
    environment_errors,
)
from gitbot.render.comments import check_for_plan, plan_comment
from gitbot.render.views import EnvironmentPlanView, Excerpts, PlanCommentView, StackPlanView


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A pull request beside the tip: the merge of both, and what it says."""

    pull_request: PullRequest
    tree: SpecTree
    merged: LoadedTree


def plan_pull_request(world: World, key: Mapping[str, Json]) -> None:
    """Plan the pull request ``{repository, number}`` as it is now. Safe to run twice or late."""
    repository, number = str(key["repository"]), int(str(key["number"]))
    seen = look(world, repository)
    pull_request = seen.forge.pull_request(number)
    if not pull_request.open:
        return
    mark = world_mark(world, seen, pull_request)
    note_fork_head(world, repository, pull_request)
    note = _unplannable(world, seen, pull_request)
    tree_id = seen.mirror.merge(seen.tip, pull_request.head)
    if tree_id is None:
        _say(world, seen, pull_request, (), SpecTree(id=""), (_CONFLICT,), ())
    else:
        tree = seen.mirror.specs(tree_id)
        proposal = Proposal(
            pull_request=pull_request, tree=tree, merged=world.engine.loader.load(tree)
        )
        views, runs = _plan_environments(world, seen, proposal, note)
        notes = (note,) if note else ()
        _say(world, seen, pull_request, views, tree, notes, proposal.merged.diagnostics)
        world.runs.mark_shown(runs, world.clock.now())
    world.runs.put_pull_request_mark(repository, number, mark)


_CONFLICT = (
    "This pull request conflicts with the tracked branch, so there is no tree to plan. "
    "Merge the tracked branch into it (or rebase it) and push."
)


def _unplannable(world: World, seen: Look, pull_request: PullRequest) -> str:
    """Why this pull request is validated and not planned; empty: it is planned."""
    if pull_request.base_ref != seen.repository.tracked_branch:
        return (
            f"This pull request is against `{pull_request.base_ref}`, not against the tracked "
            f"branch `{seen.repository.tracked_branch}`: its specs are validated, nothing is "
            "planned or applied from it."
        )
    slot = fork_slot(pull_request.head)
    if (
        pull_request.from_fork
        and world.runs.slot(seen.repository.id, pull_request.number, slot) is None
    ):
        return (
            "This pull request comes from a fork: its specs are validated. Somebody with write "
            "access can have this commit planned with `/plan`."
        )
    return ""


def _plan_environments(
    world: World, seen: Look, proposal: Proposal, note: str
) -> tuple[tuple[EnvironmentPlanView, ...], tuple[str, ...]]:
    views: list[EnvironmentPlanView] = []
    shown: list[str] = []
    names = sorted(set(seen.at_tip.environments) | set(proposal.merged.environments))
    broken = {d.environment for d in proposal.merged.diagnostics if d.environment}
    for name in sorted(set(names) | broken):
        view, runs = _plan_environment(world, seen, proposal, name, note)
        if view is not None:
            views.append(view)
            shown.extend(runs)
    return tuple(views), tuple(shown)


def _plan_environment(
    world: World, seen: Look, proposal: Proposal, name: str, note: str
) -> tuple[EnvironmentPlanView | None, tuple[str, ...]]:
    at_tip, merged = seen.at_tip.environments.get(name), proposal.merged.environments.get(name)
    impossible = _impossible(world, seen, proposal, name)
    diagnostics = impossible + tuple(
        d for d in proposal.merged.diagnostics if d.environment == name
    )
    names = affected_by_pull_request(seen.at_tip, proposal.merged, name)
    reason = note or environment_changes(at_tip, merged)
    if not names and not diagnostics and not environment_changes(at_tip, merged):
        return None, ()
    if reason or at_tip is None or impossible:
        return EnvironmentPlanView(
            name=name,
            diagnostics=diagnostics,
            validated_only=reason,
            stacks=tuple(StackPlanView(name=each) for each in names),
        ), ()
    stacks, runs = _plan_stacks(world, seen, proposal, at_tip, names)
    return EnvironmentPlanView(
        name=name,
        stacks=stacks,
        diagnostics=diagnostics,
        applies_on_merge=Trigger.MERGE in at_tip.triggers,
        applies_on_comment=Trigger.COMMENT in at_tip.triggers,
    ), runs


def _impossible(world: World, seen: Look, proposal: Proposal, name: str) -> tuple[Diagnostic, ...]:
    """What an environment that holds resources may not do: go, or move elsewhere."""
    recorded = recorded_stacks(world.engine, seen.key(name))
    return tuple(d for d in environment_errors(proposal.merged, recorded) if d.environment == name)


def _plan_stacks(
    world: World, seen: Look, proposal: Proposal, rules: Environment, names: tuple[str, ...]
) -> tuple[tuple[StackPlanView, ...], tuple[str, ...]]:
    if not names:
        return (), ()
    try:
        cloud = world.engine.clouds.open(rules, Purpose.PLAN)
    except UserError as error:
        return tuple(StackPlanView(name=name, blocked=str(error)) for name in names), ()
    views: dict[str, StackPlanView] = {}
    plans: dict[str, Plan] = {}
    recorded = recorded_stacks(world.engine, seen.key(rules.name))
    for name in names:
        outcome = _plan_one(world, seen, proposal, rules, name, cloud)
        if isinstance(outcome, Plan):
            plans[name] = outcome
        else:
            views[name] = outcome
    errors = bool(proposal.merged.errors(rules.name))
    shown = guarded(
        tuple(plans.values()),
        desired=proposal.merged.stacks_of(rules.name).values(),
        recorded=recorded,
        environment_has_errors=errors,
        schemas=world.engine.clouds.schemas,
        claimed=claimed_by_others(world, seen.key(rules.name), proposal.pull_request.number),
    )
    runs = []
    for name, plan in zip(plans, shown, strict=True):
        views[name] = StackPlanView(
            name=name, plan=plan, blocked=_claimed(world, plan, proposal.pull_request.number)
        )
        runs.append(_record(world, seen, proposal, plan))
    return tuple(views[name] for name in names), tuple(runs)


def _plan_one(
    world: World, seen: Look, proposal: Proposal, rules: Environment, name: str, cloud: Cloud
) -> Plan | StackPlanView:
    stack = seen.stack_id(rules, name)
    desired = proposal.merged.stacks_of(rules.name).get(name)
    recorded = read_state(world.engine, stack, desired)
    try:
        plan = plan_stack(
            world.engine,
            cloud,
            stack=stack,
            desired=desired,
            recorded=recorded,
            commit=Sha(proposal.tree.id),
        )
    except SpecError as error:
        return StackPlanView(name=name, problems=error.diagnostics)
    except (CloudError, TransientError, UserError) as error:
        return StackPlanView(name=name, blocked=f"it could not be planned: {error}")
    return plan


def _claimed(world: World, plan: Plan, number: int) -> str:
    for claim in world.runs.claims(plan.stack.environment_key):
        if claim.stack == plan.stack and claim.pull_request != number:
            return (
                f"#{claim.pull_request} has applied this stack before merging and holds it "
                f"(claimed by {claim.claimed_by}): nothing else is applied to it until that pull "
                "request is merged, or closed and settled"
            )
    return ""


def _record(world: World, seen: Look, proposal: Proposal, plan: Plan) -> str:
    now = world.clock.now()
    run = Run(
        id=f"plan:{uuid.uuid4().hex}",
        kind=RunKind.PLAN,
        stack=plan.stack,
        commit=Sha(proposal.tree.id),
        head=proposal.pull_request.head,
        tip=seen.tip,
        pull_request=proposal.pull_request.number,
        status=RunStatus.PLANNED,
        digest=plan.digest,
        reviewed_digest=None,
        actor=proposal.pull_request.author,
        plan=plan,
        result=None,
        error=None,
        started_at=now,
        finished_at=now,
    )
    world.runs.add_run(run)
    return run.id


def _say(
    world: World,
    seen: Look,
    pull_request: PullRequest,
    environments: tuple[EnvironmentPlanView, ...],
    tree: SpecTree,
    notes: tuple[str, ...],
    diagnostics: tuple[Diagnostic, ...],
) -> None:
    loose = tuple(d for d in diagnostics if d.environment is None)
    base = pull_request.url.split("/pull/")[0]
    view = PlanCommentView(
        head=pull_request.head,
        tip=seen.tip,
        tracked_branch=seen.repository.tracked_branch,
        environments=environments,
        diagnostics=loose,
        notes=notes,
        excerpts=Excerpts(
            blob_base=f"{base}/blob/{pull_request.head}", lines=excerpts(tree, environments)
        ),
    )
    body = plan_comment(view)
    _set_checks(world, seen, pull_request, _checks(view, environments))
    if environments or notes or loose or _spoke(world, seen, pull_request):
        keep_comment(
            world,
            seen.forge,
            seen.repository.id,
            pull_request.number,
            PLAN_SLOT,
            body,
            PLAN_MARKER,
        )


def _set_checks(
    world: World, seen: Look, pull_request: PullRequest, checks: tuple[Check, ...]
) -> None:
    """Set the checks; one whose reason has gone, as when the tip was mended, passes by now."""
    repository, number, head = seen.repository.id, pull_request.number, pull_request.head
    names = {"gitbot", *(f"gitbot/{name}" for name in seen.at_tip.environments)}
    gone = sorted(names - {check.name for check in checks})
    passed = tuple(
        Check(name=name, state=CheckState.SUCCESS, title="nothing changes here")
        for name in gone
        if world.runs.slot(repository, number, f"check:{name}:{head}") is not None
    )
    for check in (*checks, *passed):
        seen.forge.set_check(head, replace(check, details_url=pull_request.url))
        world.runs.put_slot(repository, number, f"check:{check.name}:{head}", number, "")


def _spoke(world: World, seen: Look, pull_request: PullRequest) -> bool:
    """A pull request that touches no spec gets no comment, unless it already has one."""
    return world.runs.slot(seen.repository.id, pull_request.number, PLAN_SLOT) is not None


def _checks(
    view: PlanCommentView, environments: tuple[EnvironmentPlanView, ...]
) -> tuple[Check, ...]:
    checks = tuple(check_for_plan(environment, view.excerpts) for environment in environments)
    if view.diagnostics or view.notes:
        state = CheckState.FAILURE if view.diagnostics or not environments else CheckState.NEUTRAL
        checks += (
            Check(
                name="gitbot",
                state=state,
                title=view.notes[0].split(". ")[0] if view.notes else "the specs have problems",
            ),
        )
    return checks


def excerpts(
    tree: SpecTree, environments: tuple[EnvironmentPlanView, ...]
) -> Mapping[tuple[str, int], str]:
    """The lines of the tree that the environments' diagnostics point to."""
    wanted = {
        (found.file, found.line)
        for environment in environments
        for found in (
            *environment.diagnostics,
            *(problem for stack in environment.stacks for problem in stack.problems),
        )
    }
    lines = {}
    for file in {file for file, _ in wanted}:
        entry = tree.entries.get(file)
        if entry is None or entry.content is None:
            continue
        text = entry.content.decode(errors="replace").splitlines()
        for name, number in wanted:
            if name == file and 0 < number <= len(text):
                lines[(name, number)] = text[number - 1]
    return lines
