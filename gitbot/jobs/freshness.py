"""Whether a shown plan still speaks of the world as it is. Shell."""

from __future__ import annotations

import hashlib
from datetime import datetime

from gitbot.jobs.world import Look, World, recorded_stacks
from gitbot.model.forge import PullRequest
from gitbot.model.names import Sha


def world_mark(world: World, seen: Look, pull_request: PullRequest) -> str:
    """A fingerprint of all that a plan of this pull request depends on, but for the cloud.

    The tip, the head, the base, the fork's leave and the serial of every stack: when it differs
    from the recorded one, the shown plan is stale.
    """
    repository = seen.repository.id
    environments = sorted(seen.at_tip.environments)
    serials = [
        f"{stack.id}={stack.serial}"
        for environment in environments
        for stack in recorded_stacks(world.engine, seen.key(environment))
    ]
    claims = [
        f"{claim.stack}:{claim.pull_request}"
        for environment in environments
        for claim in world.runs.claims(seen.key(environment))
    ]
    leave = world.runs.slot(repository, pull_request.number, fork_slot(pull_request.head))
    parts = [
        seen.tip,
        pull_request.head,
        pull_request.base_ref,
        str(leave is not None),
        *serials,
        *claims,
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def fork_slot(head: Sha) -> str:
    """The slot that records the leave to plan a fork's head."""
    return f"fork-leave:{head}"


def note_fork_head(world: World, repository: str, pull_request: PullRequest) -> None:
    """Remember since when a fork's head has been told of: a leave given before is for another."""
    slot = _told_slot(pull_request.head)
    if pull_request.from_fork and world.runs.slot(repository, pull_request.number, slot) is None:
        now_s = int(world.clock.now().timestamp())
        world.runs.put_slot(repository, pull_request.number, slot, now_s, "")


def fork_head_was_told(
    world: World, repository: str, pull_request: PullRequest, written_at: datetime
) -> bool:
    """Whether somebody who wrote at that instant can have meant the fork's newest commit."""
    told = world.runs.slot(repository, pull_request.number, _told_slot(pull_request.head))
    return told is not None and told[0] <= written_at.timestamp()


def _told_slot(head: Sha) -> str:
    return f"fork-told:{head}"
