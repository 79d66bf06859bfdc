"""Tell what an apply did: comments, the commit's check and the deployment, all from run rows. Shell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from gitbot.jobs.report import keep_comment, slot_marker
from gitbot.jobs.world import Look, World
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.forge import DeploymentState, PullRequest
from gitbot.model.names import StackId
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
    deployment = _deployment(seen, environment)
    seen.forge.set_deployment(
        deployment, DeploymentState.IN_PROGRESS, f"applying {seen.tip[:8]}", None
    )


def _deployment(seen: Look, environment: str) -> int:
    return seen.forge.deployment(
        seen.tip, environment, f"gitbot applies {environment}", f"{environment}:{seen.tip}"
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
    standing: Sequence[Run] = (),
) -> None:
    """Say on every pull request concerned, on the tip and in its deployment how it went.

    What is told are the run rows of this tip that nobody was told of yet, so that an apply whose
    process died before this line is told of by the next one. Where there is no such row, a pull
    request is told once of each ``occasion``, so that a job that runs again does not say it twice.
    ``standing`` are the held runs that this job came upon: a pull request that was told of them
    before is not told again, and none is told that there is nothing to do.
    """
    untold = _untold(world, seen, environment)
    runs = as_one_a_stack(untold)
    known = {run.id for run in untold}
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
        diagnostics=_diagnostics(seen, environment) if not runs or error else (),
    )
    repository, once = seen.repository.id, f"told:{environment}:{occasion}"
    numbers = {each.number for each in told if _concerns(world, seen, each.number, environment)}
    if also is not None:
        numbers.add(also)
    numbers = {number for number in numbers if world.runs.slot(repository, number, once) is None}
    numbers -= {run.pull_request for run in again}
    numbers |= {run.pull_request for run in runs if run.pull_request is not None}
    slot = f"apply:{environment}:{untold[0].id if untold else occasion}"
    for number in sorted(numbers):
        body = f"{slot_marker(slot)}\n{apply_comment(view)}"
        comment = keep_comment(world, seen.forge, repository, number, slot, body, slot_marker(slot))
        world.runs.put_slot(repository, number, once, comment, "")
    if view.stacks or error:
        seen.forge.set_check(seen.tip, check_for_apply(view))
    if any(run.status in (RunStatus.APPLIED, RunStatus.FAILED) and _did(run) for run in runs):
        _end_deployment(seen, environment, runs)
    world.runs.mark_shown([run.id for run in untold], world.clock.now())


def as_one_a_stack(untold: Iterable[Run]) -> tuple[Run, ...]:
    """The newest of each stack's untold runs, oldest first.

    Where earlier ones died half-way and the newest did the rest, or found that recovery had done
    it, it speaks for all: its plan is the one that was begun with.
    """
    of_stack: dict[StackId, list[Run]] = {}
    for run in untold:
        of_stack.setdefault(run.stack, []).append(run)
    return tuple(_speaking_for(runs) for runs in of_stack.values())


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


def _untold(world: World, seen: Look, environment: str) -> tuple[Run, ...]:
    runs = []
    for stack in world.engine.state.stacks(seen.key(environment)):
        for run in world.runs.runs_of_stack(stack):
            if run.tip == seen.tip and run.kind is RunKind.APPLY and run.head is None:
                runs.append(run)
    held = {run.id: run for run in world.runs.held(seen.key(environment)) if run.tip == seen.tip}
    known = {run.id for run in runs}
    runs += [run for id_, run in held.items() if id_ not in known]
    return tuple(
        sorted(
            (run for run in runs if run.shown_at is None and run.status in _OUTCOMES),
            key=lambda run: (run.started_at, run.stack),
        )
    )


def _reviewed_plan(world: World, run: Run) -> Plan | None:
    if run.pull_request is None or run.reviewed_digest is None:
        return None
    shown = world.runs.shown_plan(run.stack, run.pull_request)
    return shown.plan if shown is not None and shown.digest == run.reviewed_digest else None


def _concerns(world: World, seen: Look, number: int, environment: str) -> bool:
    return any(
        run.stack.environment == environment
        for run in world.runs.runs_of_pull_request(seen.repository.id, number)
    )


def _diagnostics(seen: Look, environment: str) -> tuple[Diagnostic, ...]:
    return seen.at_tip.errors(environment)


def _end_deployment(seen: Look, environment: str, runs: Sequence[Run]) -> None:
    failed = any(run.status is RunStatus.FAILED for run in runs)
    state = DeploymentState.FAILURE if failed else DeploymentState.SUCCESS
    words = "failed; `/apply` on the pull request goes on" if failed else "is as the commit says"
    seen.forge.set_deployment(_deployment(seen, environment), state, f"{environment} {words}", None)
