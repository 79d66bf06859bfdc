"""Tell people what a promotion waits for where its own check cannot. Shell."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from gitbot.errors import UserError
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.promotion.world import World
from gitbot.jobs.steps.proposals import WEB_FLOW
from gitbot.jobs.steps.publish import keep_comment
from gitbot.model.forge import PullRequest
from gitbot.model.promotion import PromotionRow
from gitbot.model.said import Topic, TopicKind
from gitbot.render.promotion import (
    closes,
    held,
    merged_by_gitbot,
    not_asked,
    others_commits,
    unwritten,
    waits_for_other,
)


def tell_other(world: World, other: PullRequest, stacks: Sequence[str]) -> None:
    """Say once on somebody's pull request that the promotion of these stacks waits for it."""
    text = waits_for_other(world.source.name, world.target.name, stacks)
    _keep(world, other.number, f"{world.target.name}:waits", text)


def tell_others_commits(world: World, known: PullRequest) -> None:
    """Say once on our pull request who has committed to its branch."""
    written = world.seen.forge.committers(known.number).values()
    people = frozenset().union(*written) - {world.seen.forge.login, WEB_FLOW}
    text = others_commits(known.head_ref, sorted(people))
    _keep(world, known.number, f"{world.target.name}:commits", text)


def tell_not_asked(world: World, number: int, names: Sequence[str]) -> None:
    """Say once on our pull request which reviewers GitHub did not take."""
    _keep(world, number, f"{world.target.name}:asked", not_asked(world.target.name, names))


def tell_held(world: World, row: PromotionRow, number: int) -> None:
    """Say on a pull request of the promotion that it is held, by whom and why, and how to go on.

    Where nobody can write any more, the check and ``/promote`` still say it.
    """
    if row.hold is None:
        return
    text = held(world.target.name, row.stack, row.hold)
    with suppress(UserError):
        _keep(world, number, f"{world.target.name}:{row.stack}:held", text)


def tell_closed(world: World, number: int, why: str) -> None:
    """Say on our pull request why gitbot closes it. A conversation that is locked keeps it not open."""
    say_closed(world.ports, world.seen, world.target.name, number, why)


def say_closed(ports: Ports, seen: Look, target: str, number: int, why: str) -> None:
    """The same where the target is promoted from nothing any more."""
    topic = Topic(kind=TopicKind.PROMOTION, subject=f"{target}:closed")
    with suppress(UserError):
        keep_comment(ports, seen.forge, seen.repository.id, number, topic, closes(why))


def tell_unwritten(world: World, row: PromotionRow, number: int | None, why: str) -> None:
    """Say that the change of a stack cannot be written into the target's file: on this pull request,
    else at the tip.

    Raises:
        UserError: there is no pull request; the job says it at the tip.
    """
    text = unwritten(world.source.name, world.target.name, row.stack, why)
    if number is None:
        raise UserError(text)
    _keep(world, number, f"{world.target.name}:{row.stack}:unwritten", text)


def tell_merged(world: World, head: PullRequest) -> None:
    """Say on the pull request that gitbot has merged it, and why it might."""
    _keep(world, head.number, f"{world.target.name}:merged", merged_by_gitbot(world.target.name))


def _keep(world: World, number: int, subject: str, text: str) -> None:
    topic = Topic(kind=TopicKind.PROMOTION, subject=subject)
    seen = world.seen
    keep_comment(world.ports, seen.forge, seen.repository.id, number, topic, text)
