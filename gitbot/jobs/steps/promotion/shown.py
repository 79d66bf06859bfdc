"""Read what the pull request of a promotion shows of a stack of the target, and what it lacks. Shell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gitbot.jobs.steps.promotion.world import World
from gitbot.jobs.steps.rights import missing_approval, unmet_requirements
from gitbot.model.desired import Requirement
from gitbot.model.forge import PullRequest
from gitbot.model.promotion import How
from gitbot.model.runs import Run


def shown_plan(world: World, stack: str, head: PullRequest) -> Run | None:
    """The plan of the target's stack that the pull request shows for its head."""
    stack_id = world.seen.stack_id(world.target, stack)
    run = world.ports.records.runs.shown_plan(stack_id, head.number)
    return run if run is not None and run.head == head.head else None


def unplanned(world: World, run: Run | None) -> str:
    """What of a plan is not shown yet, as a clause; empty when it is shown whole."""
    if run is None:
        return "it is not shown yet"
    merges = world.rules.how is How.MERGE
    return (
        "it is too long to be shown whole: a person merges it"
        if merges and not run.shown_whole
        else ""
    )


def lacks(
    world: World, runs: Iterable[Run | None], head: PullRequest
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the target requires and the pull request does not meet, and the approvals that it lacks.

    A head that was pushed after we fetched is looked at by the next run: its plan wakes it.
    """
    if not world.seen.mirror.has(head.head):
        return ("its newest commit was not looked at yet",), ()
    plans = [world.ports.records.runs.plan(run.id) for run in runs if run is not None]
    asked = world.target.requirements - {Requirement.APPROVED}
    others = replace(world.target, requirements=asked)
    return (
        unmet_requirements(world.ports, world.seen, others, head, plans),
        missing_approval(world.ports, world.seen, world.target, head, plans),
    )
