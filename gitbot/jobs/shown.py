"""Which plan somebody had before their eyes when they wrote ``/apply`` or merged. Shell."""

from __future__ import annotations

from datetime import datetime, timedelta

from gitbot.errors import RefusedError
from gitbot.jobs.world import Look, World
from gitbot.model.desired import Environment
from gitbot.model.forge import PullRequest
from gitbot.model.names import StackId
from gitbot.model.plan import Guard
from gitbot.model.run import Command, Run
from gitbot.ports import RunStore

GITHUB_GRAIN = timedelta(seconds=1)
"""GitHub tells the time of a comment or a merge in whole seconds."""


def shown_at_merge(runs: RunStore, stack: StackId, pull_request: PullRequest) -> Run | None:
    """The plan of its head that stood on the pull request when it was merged (docs/adr/0005).

    One that was made for the same head but shown later was reviewed by nobody.
    """
    if pull_request.merged_at is None:
        return None
    for moment in (pull_request.merged_at, pull_request.merged_at + GITHUB_GRAIN):
        run = runs.shown_plan_before(stack, pull_request.number, moment)
        if run is not None and run.head == pull_request.head:
            return run
    return None


def is_named(command: Command, digest: str | None) -> bool:
    """Whether the command speaks of what has this digest; one that names none speaks of all."""
    return command.digest is None or (digest or "").startswith(command.digest.lower())


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


def _guards(run: Run) -> frozenset[Guard]:
    return frozenset(hit.guard for hit in run.plan.guards) if run.plan else frozenset()


def _shown(
    world: World,
    seen: Look,
    rules: Environment,
    pull_request: PullRequest,
    name: str,
    written_at: datetime,
) -> Run:
    stack = seen.stack_id(rules, name)
    number, label = pull_request.number, stack.label
    newest = world.runs.shown_plan(stack, number)
    read = world.runs.shown_plan_before(stack, number, written_at + GITHUB_GRAIN)
    if newest is None or newest.plan is None or read is None:
        raise RefusedError(f"no plan of {label} had been shown here when the comment was written")
    if read.head != pull_request.head or newest.head != pull_request.head:
        raise RefusedError(
            f"the plan of {label} that the comment speaks of is of {(read.head or '')[:8]}, the "
            f"pull request is at {pull_request.head[:8]} by now: look at that plan first"
        )
    if newest.tip != seen.tip:
        raise RefusedError(
            f"the tracked branch moved from {newest.tip[:8]} to {seen.tip[:8]} since {label} was "
            "planned: it is planned again, look at that first"
        )
    if newest.plan.serial != world.engine.state.read(stack).serial:
        raise RefusedError(f"{label} was applied since it was planned: look at the new plan first")
    before = world.runs.shown_plan_before(stack, number, written_at) or read
    unseen = _guards(newest) - _guards(read)
    if newest.digest != read.digest or before.digest != read.digest or unseen:
        raise RefusedError(
            f"the plan of {label} changed around the time when the comment was written: look at "
            "it again"
        )
    return newest
