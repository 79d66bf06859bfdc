"""Whether a shown plan still speaks of the world as it is. Shell."""

from __future__ import annotations

import hashlib

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
