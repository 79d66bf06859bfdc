"""Tell people what a promotion waits for where its own check cannot. Shell."""

from __future__ import annotations

from collections.abc import Sequence

from gitbot.jobs.steps.promotion.world import World
from gitbot.jobs.steps.publish import keep_comment
from gitbot.model.forge import PullRequest
from gitbot.model.said import Topic, TopicKind
from gitbot.render.promotion import merged_by_gitbot, not_asked, others_commits, waits_for_other


def tell_other(world: World, other: PullRequest, stacks: Sequence[str]) -> None:
    """Say once on somebody's pull request that the promotion of these stacks waits for it."""
    text = waits_for_other(world.source.name, world.target.name, stacks)
    _keep(world, other.number, f"{world.target.name}:waits", text)


def tell_others_commits(world: World, number: int, why: str) -> None:
    """Say once on our pull request that somebody has committed to its branch."""
    _keep(world, number, f"{world.target.name}:commits", others_commits(why))


def tell_not_asked(world: World, number: int, names: Sequence[str]) -> None:
    """Say once on our pull request which reviewers GitHub did not take."""
    _keep(world, number, f"{world.target.name}:asked", not_asked(world.target.name, names))


def tell_merged(world: World, head: PullRequest) -> None:
    """Say on the pull request that gitbot has merged it, and why it might."""
    _keep(world, head.number, f"{world.target.name}:merged", merged_by_gitbot(world.target.name))


def _keep(world: World, number: int, subject: str, text: str) -> None:
    topic = Topic(kind=TopicKind.PROMOTION, subject=subject)
    seen = world.seen
    keep_comment(world.ports, seen.forge, seen.repository.id, number, topic, text)
