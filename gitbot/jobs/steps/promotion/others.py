"""Find pull requests of people that change a stack of the target. Shell."""

from __future__ import annotations

from gitbot.errors import StaleError
from gitbot.jobs.steps.promotion.world import World, text_changed
from gitbot.model.forge import PullRequest
from gitbot.model.names import Sha


def others_of(world: World, open_: tuple[PullRequest, ...], stack: str) -> PullRequest | None:
    """The first open pull request that somebody else opened and that changes the stack there."""
    seen = world.seen
    for each in open_:
        own = world.ports.records.proposals.of_pull_request(seen.repository.id, each.number)
        here = own is None and each.base_ref == seen.repository.tracked_branch
        if here and _touches(world, each, stack):
            return each
    return None


def _touches(world: World, each: PullRequest, stack: str) -> bool:
    seen, target = world.seen, world.target.name
    try:
        if target not in seen.mirror.changed_folders(seen.tip, each.head):
            return False
        merge = seen.mirror.merge(seen.tip, each.head)
    except StaleError:
        return False
    if merge is None:
        return True  # it conflicts, and it changes the folder
    return text_changed(world, seen.tip, Sha(merge), target, stack)
