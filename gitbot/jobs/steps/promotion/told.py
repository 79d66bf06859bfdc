"""Tell people what a promotion waits for where its own check cannot. Shell."""

from __future__ import annotations

from gitbot.jobs.steps.promotion.pending import Pending
from gitbot.jobs.steps.promotion.world import World
from gitbot.jobs.steps.publish import keep_comment
from gitbot.model.forge import PullRequest
from gitbot.model.said import Topic, TopicKind
from gitbot.render.promotion import others_commits, waits_for_other


def tell_other(world: World, group: Pending) -> None:
    """Say once on somebody's pull request that a promotion waits for it."""
    if group.other is None:
        return
    names = [row.stack for row in group.rows]
    text = waits_for_other(world.source.name, world.target.name, names)
    _keep(world, group.other.number, f"{world.target.name}:waits", text)


def tell_others_commits(world: World, known: PullRequest, why: str) -> None:
    """Say once on our pull request that somebody has committed to its branch."""
    _keep(world, known.number, f"{world.target.name}:commits", others_commits(why))


def _keep(world: World, number: int, subject: str, text: str) -> None:
    topic = Topic(kind=TopicKind.PROMOTION, subject=subject)
    seen = world.seen
    keep_comment(world.ports, seen.forge, seen.repository.id, number, topic, text)
