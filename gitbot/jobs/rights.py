"""Ask GitHub who somebody is, and decide whether they may. Shell."""

from __future__ import annotations

from gitbot.errors import RefusedError
from gitbot.jobs.requirements import Facts, describe, grant_of, may, unmet
from gitbot.jobs.world import Look, World
from gitbot.model.desired import Environment, Requirement
from gitbot.model.forge import PullRequest


def require_right(look: Look, environment: Environment, verb: str, user: str) -> None:
    """Nothing, where the user may give the command in the environment.

    Raises:
        RefusedError: they may not; says who may.
    """
    grant = grant_of(environment, verb)
    teams = frozenset(team for team in grant.teams if look.forge.in_team(team, user))
    if not may(grant, user=user, permission=look.forge.permission(user), teams=teams):
        raise RefusedError(
            f"{user} may not `{verb}` in {environment.name}: that takes {describe(grant)} "
            f"(`permissions.{verb}` in specs/{environment.name}/environment.yaml on the tracked "
            "branch)"
        )


def require_ready(
    world: World, look: Look, environment: Environment, pull_request: PullRequest
) -> None:
    """Nothing, where the environment's requirements before an apply hold.

    Raises:
        RefusedError: names every requirement that does not hold.
    """
    wanted = environment.requirements
    reviews = look.forge.reviews(pull_request.number) if Requirement.APPROVED in wanted else ()
    pushers = frozenset[str]()
    if Requirement.APPROVED in wanted:
        pusher = world.runs.pusher(look.repository.id, pull_request.head)
        # Who pushed is told by a delivery alone; where it was lost, the commit's own people count.
        pushers = frozenset({pusher}) if pusher else look.forge.commit_author(pull_request.head)
    checks = look.forge.other_checks(pull_request.head) if Requirement.CHECKS in wanted else ()
    missing = unmet(
        wanted,
        Facts(
            pull_request=pull_request,
            reviews=reviews,
            permissions={r.author: look.forge.permission(r.author) for r in reviews},
            pushers=pushers,
            checks=checks,
            contains_tip=look.mirror.contains(look.tip, pull_request.head),
            conflicts=look.mirror.merge(look.tip, pull_request.head) is None,
        ),
    )
    if missing:
        raise RefusedError(
            f"the pull request is not ready for {environment.name}: " + "; ".join(missing)
        )
