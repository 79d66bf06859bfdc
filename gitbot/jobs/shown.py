"""Which plan somebody had before their eyes when they wrote ``/apply``. Shell."""

from __future__ import annotations

from datetime import datetime, timedelta

from gitbot.errors import RefusedError
from gitbot.jobs.world import Look, World
from gitbot.model.desired import Environment
from gitbot.model.forge import PullRequest
from gitbot.model.run import Run

GITHUB_GRAIN = timedelta(seconds=1)
"""GitHub tells the time of a comment in whole seconds."""


def shown_plans(
    world: World,
    seen: Look,
    rules: Environment,
    pull_request: PullRequest,
    names: tuple[str, ...],
    written_at: datetime,
) -> tuple[Run, ...]:
    """The plan runs that ``/apply``, written at that instant, speaks of: one a stack.

    Raises:
        RefusedError: nothing was shown before the comment, or the head, the tip, the state or the
            plan moved since.
    """
    return tuple(_shown(world, seen, rules, pull_request, name, written_at) for name in names)


def _shown(
    world: World,
    seen: Look,
    rules: Environment,
    pull_request: PullRequest,
    name: str,
    written_at: datetime,
) -> Run:
    stack = seen.stack_id(rules, name)
    run = world.runs.shown_plan(stack, pull_request.number)
    label = stack.label
    if run is None or run.shown_at is None or run.plan is None:
        raise RefusedError(f"no plan of {label} has been shown on this pull request yet")
    if run.head != pull_request.head:
        raise RefusedError(
            f"the shown plan of {label} is of {(run.head or '')[:8]}, the pull request is at "
            f"{pull_request.head[:8]} by now: wait for its plan and look at it first"
        )
    if run.tip != seen.tip:
        raise RefusedError(
            f"the tracked branch moved from {run.tip[:8]} to {seen.tip[:8]} since {label} was "
            "planned: it is planned again, look at that first"
        )
    if run.plan.serial != world.engine.state.read(stack).serial:
        raise RefusedError(f"{label} was applied since it was planned: look at the new plan first")
    if run.shown_at >= written_at + GITHUB_GRAIN:
        raise RefusedError(
            f"the plan of {label} was shown after the comment was written: look at it first"
        )
    if run.shown_at > written_at:
        earlier = world.runs.shown_plan_before(stack, pull_request.number, written_at)
        if earlier is not None and earlier.digest != run.digest:
            raise RefusedError(f"the plan of {label} changed while the comment was written")
    return run
