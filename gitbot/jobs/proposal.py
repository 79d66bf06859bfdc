"""What an open pull request would have applied. Shell."""

from __future__ import annotations

from gitbot.errors import RefusedError
from gitbot.jobs.freshness import fork_slot
from gitbot.jobs.world import Look, World
from gitbot.model.desired import LoadedTree
from gitbot.model.forge import PullRequest
from gitbot.reconciler.affected import affected_by_pull_request, environment_changes


def affected_stacks(
    world: World, seen: Look, pull_request: PullRequest
) -> tuple[LoadedTree, dict[str, tuple[str, ...]]]:
    """The merge of tip and head, loaded, and the affected stacks of each environment that may be
    applied from it.

    Raises:
        RefusedError: the pull request is one that is only validated.
    """
    if pull_request.base_ref != seen.repository.tracked_branch:
        raise RefusedError(
            f"it is against `{pull_request.base_ref}`, not against the tracked branch "
            f"`{seen.repository.tracked_branch}`: nothing is applied from it"
        )
    if pull_request.from_fork and not world.runs.slot(
        seen.repository.id, pull_request.number, fork_slot(pull_request.head)
    ):
        raise RefusedError("it comes from a fork and this commit was not planned: `/plan` first")
    tree = seen.mirror.merge(seen.tip, pull_request.head)
    if tree is None:
        raise RefusedError("it conflicts with the tracked branch: merge or rebase it")
    merged = world.engine.loader.load(seen.mirror.specs(tree))
    affected = {}
    for name, rules in sorted(seen.at_tip.environments.items()):
        reason = environment_changes(rules, merged.environments.get(name))
        names = affected_by_pull_request(seen.at_tip, merged, name)
        if names and not reason and not merged.errors(name):
            affected[name] = names
    return merged, affected
