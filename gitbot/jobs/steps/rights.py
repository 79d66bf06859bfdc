"""Ask GitHub for a person's rights and a pull request's reviews and checks, then decide. Shell."""

from __future__ import annotations

from gitbot.decisions import requirements, rights
from gitbot.decisions.requirements import ReviewFacts
from gitbot.decisions.rights import Person
from gitbot.jobs.steps.look import Look, Ports
from gitbot.model.desired import Environment, Requirement
from gitbot.model.forge import PullRequest


def require_right(seen: Look, environment: Environment, verb: str, user: str) -> None:
    """Return when the user may give the command in the environment.

    Raises:
        RefusedError: they may not; says who may.
    """
    grant = rights.grant_of(environment, verb)
    person = Person(
        user=user,
        permission=seen.forge.permission(user),
        teams=frozenset(team for team in grant.teams if seen.forge.in_team(team, user)),
    )
    rights.require(environment, verb, person)


def require_ready(
    ports: Ports, seen: Look, environment: Environment, pull_request: PullRequest
) -> None:
    """Return when all requirements of the environment hold.

    Raises:
        RefusedError: names every requirement that does not hold.
    """
    wanted = environment.requirements
    reviewed, head = Requirement.APPROVED in wanted, pull_request.head
    reviews = seen.forge.reviews(pull_request.number) if reviewed else ()
    facts = ReviewFacts(
        pull_request=pull_request,
        reviews=reviews,
        permissions={r.author: seen.forge.permission(r.author) for r in reviews},
        pushers=_pushers(ports, seen, pull_request) if reviewed else frozenset(),
        checks=seen.forge.other_checks(head) if Requirement.CHECKS in wanted else (),
        contains_tip=seen.mirror.contains(seen.tip, head),
        conflicts=seen.mirror.merge(seen.tip, head) is None,
    )
    requirements.require_ready(environment, facts)


def _pushers(ports: Ports, seen: Look, pull_request: PullRequest) -> frozenset[str]:
    pusher = ports.records.pull_requests.pusher(seen.repository.id, pull_request.head)
    # Only a webhook says who pushed. If it was lost, the commit's author and committer count.
    return frozenset({pusher}) if pusher else seen.forge.commit_author(pull_request.head)
