"""The job that settles a pull request that was closed, merged or not. Shell."""

from __future__ import annotations

from collections.abc import Mapping

from gitbot.jobs.follow_tip import follow_tip
from gitbot.jobs.wake import wake_apply
from gitbot.jobs.world import World, look
from gitbot.model.values import Json


def close_pull_request(world: World, key: Mapping[str, Json]) -> None:
    """A merged pull request has its environments applied; one closed unmerged gives back what it
    had applied: the tip is planned for its claimed stacks and held on the pull request."""
    repository, number = str(key["repository"]), int(str(key["number"]))
    pull_request = world.forges.open(repository).pull_request(number)
    if pull_request.open:
        return
    tracked = world.forges.open(repository).repository().tracked_branch
    if pull_request.merged and pull_request.base_ref == tracked:
        follow_tip(world, {"repository": repository})
        return
    world.runs.close_claims(repository, number)
    claims = world.runs.claims_of_pull_request(repository, number)
    if not claims:
        return
    seen = look(world, repository)
    # A pull request may be opened again, claim again and be closed again without a new head.
    newest = max(claim.claimed_at for claim in claims).isoformat()
    for environment in sorted({claim.stack.environment for claim in claims}):
        wake_apply(
            world,
            seen.key(environment),
            seen.tip,
            why=f"closed:{number}:{newest}",
            actor=f"#{number} closed unmerged",
            pull_request=number,
        )
