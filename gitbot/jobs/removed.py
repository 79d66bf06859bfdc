"""Environments that a merge removed while state has resources in them. Shell."""

from __future__ import annotations

from gitbot.jobs.merges import merge_of, merged_into_tip
from gitbot.jobs.telling import tell_apply
from gitbot.jobs.world import Look, World, recorded_stacks
from gitbot.model.forge import PullRequest
from gitbot.model.names import Sha
from gitbot.reconciler.affected import environment_errors


def tell_removed(world: World, seen: Look, environment: str) -> bool:
    """Whether the tip has no such environment though state has resources in it.

    The tip's check fails then, and the pull request whose merge removed it is told, once.
    """
    if environment in seen.at_tip.environments:
        return False
    key = seen.key(environment)
    found = environment_errors(seen.at_tip, recorded_stacks(world.engine, key))
    if not found:
        return False
    applied = world.runs.applied_tip(key)
    remover = _remover(world, seen, found[0].file, applied)
    tell_apply(
        world,
        seen,
        environment,
        told=(),
        also=None if remover is None else remover.number,
        blocked={},
        actor="the tracked branch",
        error=" ".join(filter(None, [found[0].detail, found[0].fix])),
        occasion=f"removed:{applied}",
    )
    return True


def _remover(world: World, seen: Look, file: str, applied: Sha | None) -> PullRequest | None:
    """The first merge since the environment's last apply whose tree lacks the file."""
    if applied is None:
        return None
    for each in reversed(merged_into_tip(world, seen)):
        commit = merge_of(each)
        since = not seen.mirror.contains(commit, applied)
        if since and file not in seen.mirror.specs(commit).entries:
            return each
    return None
