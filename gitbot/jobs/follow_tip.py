"""The job that wakes whatever a new tip concerns: environments to apply, pull requests to plan again. Shell."""

from __future__ import annotations

from collections.abc import Mapping

from gitbot.jobs.wake import wake_apply, wake_open_pull_requests
from gitbot.jobs.world import Look, World, look, recorded_stacks
from gitbot.model.values import Json


def follow_tip(world: World, key: Mapping[str, Json]) -> Look:
    """Enqueue an apply of every environment whose last finished one was made for another tip.

    So is one that the tip no longer has while state has resources in it: it has to be told.
    Returns what was seen, for the jobs that go on from there.
    """
    seen = look(world, str(key["repository"]))
    for environment in sorted({*seen.at_tip.environments, *_lost(world, seen)}):
        env_key = seen.key(environment)
        applied = world.runs.applied_tip(env_key)
        if applied != seen.tip:
            # Named after both ends: a branch that was pushed back to a tip is applied again.
            wake_apply(world, env_key, seen.tip, why=str(key.get("why") or f"from:{applied}"))
    wake_open_pull_requests(world, seen)
    return seen


def _lost(world: World, seen: Look) -> set[str]:
    """Environments with resources that are not at the tip, or whose file there is broken."""
    known = world.engine.state.environments(seen.repository.id)
    return {
        name
        for name in known
        if name not in seen.at_tip.environments
        and any(not each.empty for each in recorded_stacks(world.engine, seen.key(name)))
    }
