"""Tell what an apply did: comments, the commit's check and the deployment, all from run rows. Shell."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from gitbot.jobs.report import keep_comment, slot_marker
from gitbot.jobs.world import Look, World
from gitbot.model.forge import DeploymentState, PullRequest
from gitbot.model.names import Sha, StackId
from gitbot.model.plan import Plan
from gitbot.model.run import Run, RunKind, RunStatus
from gitbot.render.comments import apply_comment, check_for_apply
from gitbot.render.views import ApplyCommentView, Outcome, StackApplyView

_OUTCOMES = {
    RunStatus.APPLIED: Outcome.APPLIED,
    RunStatus.FAILED: Outcome.FAILED,
    RunStatus.HELD: Outcome.HELD,
}


def begin_deployment(world: World, seen: Look, environment: str) -> None:
    """GitHub shows that this environment is being brought to the tip."""
    deployment = _deployment(seen, environment, seen.tip)
    seen.forge.set_deployment(
        deployment, DeploymentState.IN_PROGRESS, f"applying {seen.tip[:8]}", None
    )


def _deployment(seen: Look, environment: str, tip: Sha) -> int:
    return seen.forge.deployment(
        tip, environment, f"gitbot applies {environment}", f"{environment}:{tip}"
    )


def tell_apply(
    world: World,
    seen: Look,
    environment: str,
    *,
    told: Sequence[PullRequest],
    also: int | None,
    blocked: Mapping[str, str],
    actor: str,
    error: str,
    occasion: str,
    touched: Sequence[Run] = (),
) -> None:
    """Say on every pull request concerned, on the tip and in its deployment how it went.

    What is told are the run rows that nobody was told of yet, so that an apply whose process died
    before this line is told of by the next one, though the tip has moved. Where there is no such
    row, a pull request is told once of each ``occasion``, so that a job that runs again does not
    say it twice. ``touched`` are the runs that this job made or came upon: a pull request that was
    told of a held one before is not told again, and none is told that there is nothing to do.
    """
    untold = _untold(world, seen, environment, touched)
    runs = as_one_a_stack(untold)
    known = {run.id for run in untold}
    standing = [run for run in touched if run.status is RunStatus.HELD]
    again = tuple(run for run in standing if run.id not in known)
    view = ApplyCommentView(
        environment=environment,
        commit=seen.tip,
        actor=actor,
        stacks=tuple(stack_view(world, run) for run in (*runs, *again))
        + tuple(
            StackApplyView(name=name, outcome=Outcome.BLOCKED, message=why)
            for name, why in sorted(blocked.items())
        ),
        error=error,
        diagnostics=seen.at_tip.errors(environment),
    )
    repository, once = seen.repository.id, f"told:{environment}:{occasion}"
    numbers = {each.number for each in told if _concerns(world, seen, each.number, environment)}
    if also is not None:
        numbers.add(also)
    numbers = {number for number in numbers if world.runs.slot(repository, number, once) is None}
    numbers -= {run.pull_request for run in again}
    numbers |= {run.pull_request for run in runs if run.pull_request is not None}
    says = bool(view.stacks or error or view.diagnostics)
    if says and not numbers and not again and told:
        # Merged before it was planned, or planned only now: whoever merged last is told.
        newest = told[0].number
        numbers = {newest} if world.runs.slot(repository, newest, once) is None else set()
    slot = f"apply:{environment}:{untold[0].id if untold else occasion}"
    for number in sorted(numbers):
        body = f"{slot_marker(slot)}\n{apply_comment(view)}"
        comment = keep_comment(world, seen.forge, repository, number, slot, body, slot_marker(slot))
        world.runs.put_slot(repository, number, once, comment, "")
    if says:
        seen.forge.set_check(seen.tip, check_for_apply(view))
    _end_deployments(seen, environment, runs)
    _end_superseded(seen, environment, untold, {run.tip for run in runs if _did(run)})
    world.runs.mark_shown([run.id for run in untold], world.clock.now())


def as_one_a_stack(untold: Iterable[Run]) -> tuple[Run, ...]:
    """The newest of each stack's untold runs, oldest first; and what was applied of earlier tips.

    Where earlier ones died half-way and the newest did the rest, or found that recovery had done
    it, it speaks for all: its plan is the one that was begun with.
    """
    groups: dict[tuple[StackId, Sha], list[Run]] = {}
    newest: dict[StackId, Run] = {}
    for run in untold:
        groups.setdefault((run.stack, run.tip), []).append(run)
        newest[run.stack] = run
    return tuple(
        run
        for run in map(_speaking_for, groups.values())
        if run.id == newest[run.stack].id or _still_tells(run, newest[run.stack])
    )


def _still_tells(run: Run, newest: Run) -> bool:
    """Whether a run of an earlier tip says what the newest one of the stack does not."""
    failed = run.status is RunStatus.FAILED and newest.status is RunStatus.HELD
    return failed or run.status is RunStatus.APPLIED


def _speaking_for(runs: Sequence[Run]) -> Run:
    *earlier, newest = runs
    begun = next((run.plan for run in earlier if run.status is RunStatus.FAILED and run.plan), None)
    if newest.status is not RunStatus.APPLIED or begun is None or newest.result is None:
        return newest
    done = tuple((change.address, change.action) for change in begun.effective)
    return replace(newest, plan=begun, result=replace(newest.result, done=done))


def stack_view(world: World, run: Run) -> StackApplyView:
    """How one run is shown."""
    outcome = _OUTCOMES[run.status]
    if outcome is Outcome.APPLIED and not _did(run):
        outcome = Outcome.NOTHING
    return StackApplyView(
        name=run.stack.name,
        outcome=outcome,
        plan=run.plan,
        reviewed=_reviewed_plan(world, run) if outcome is Outcome.HELD else None,
        result=run.result,
        message=run.error or "",
    )


def _did(run: Run) -> bool:
    return run.plan is not None and not run.plan.empty


def _untold(world: World, seen: Look, environment: str, touched: Sequence[Run]) -> tuple[Run, ...]:
    key = seen.key(environment)
    # State does not have a stack whose first apply failed before anything was begun.
    stacks = {*world.engine.state.stacks(key), *(run.stack for run in touched)}
    runs = {run.id: run for run in world.runs.held(key)}
    for stack in stacks:
        runs |= {
            run.id: run
            for run in world.runs.runs_of_stack(stack)
            if run.kind is RunKind.APPLY and run.head is None
        }
    return tuple(
        sorted(
            (run for run in runs.values() if run.shown_at is None and run.status in _OUTCOMES),
            key=lambda run: (run.started_at, run.stack),
        )
    )


def _reviewed_plan(world: World, run: Run) -> Plan | None:
    if run.pull_request is None or run.reviewed_digest is None:
        return None
    shown = world.runs.runs_of_pull_request(run.stack.repository, run.pull_request)
    for each in reversed(shown):
        same = each.stack == run.stack and each.digest == run.reviewed_digest
        if same and each.kind is RunKind.PLAN and each.shown_at is not None:
            return each.plan
    return None


def _concerns(world: World, seen: Look, number: int, environment: str) -> bool:
    return any(
        run.stack.environment == environment
        for run in world.runs.runs_of_pull_request(seen.repository.id, number)
    )


def _end_deployments(seen: Look, environment: str, runs: Sequence[Run]) -> None:
    """End the deployment of every tip that something was done for."""
    ended = [run for run in runs if run.status in (RunStatus.APPLIED, RunStatus.FAILED)]
    for tip in dict.fromkeys(run.tip for run in ended if _did(run)):
        failed = any(run.status is RunStatus.FAILED for run in ended if run.tip == tip)
        state = DeploymentState.FAILURE if failed else DeploymentState.SUCCESS
        words = (
            "failed; `/apply` on the pull request goes on" if failed else "is as the commit says"
        )
        deployment = _deployment(seen, environment, tip)
        seen.forge.set_deployment(deployment, state, f"{environment} {words}", None)


def _end_superseded(
    seen: Look, environment: str, untold: Sequence[Run], told: Collection[Sha]
) -> None:
    """End the deployments of earlier tips whose applies died and for which later runs speak."""
    ended = [run for run in untold if run.status in (RunStatus.APPLIED, RunStatus.FAILED)]
    for tip in dict.fromkeys(run.tip for run in ended if _did(run)):
        if tip not in told and tip != seen.tip:
            words = f"superseded by {seen.tip[:8]}: its apply died, the later commit's went on"
            deployment = _deployment(seen, environment, tip)
            seen.forge.set_deployment(deployment, DeploymentState.FAILURE, words, None)
