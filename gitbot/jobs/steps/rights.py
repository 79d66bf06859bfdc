"""Ask GitHub for a person's rights and a pull request's reviews and checks, then decide. Shell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gitbot.decisions import requirements, rights
from gitbot.decisions.agreed_plan import GITHUB_GRAIN
from gitbot.decisions.consent import covers
from gitbot.decisions.requirements import ReviewFacts
from gitbot.decisions.rights import Person
from gitbot.decisions.standing import untouched
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.standing import restored_at
from gitbot.model.desired import Environment, Requirement
from gitbot.model.forge import PullRequest, Review, ReviewState
from gitbot.model.plan import Plan


def require_right(
    ports: Ports,
    seen: Look,
    environment: Environment,
    verb: str,
    user: str,
    account: int | None = None,
) -> None:
    """Return when the user, who has the account of this id, may give the command there.

    Raises:
        RefusedError: they may not; says who may.
    """
    grant = rights.grant_of(environment, verb)
    person = Person(
        user=user,
        permission=seen.forge.permission(user),
        teams=frozenset(team for team in grant.teams if seen.forge.in_team(team, user)),
        account=account,
        first_account=ports.records.commands.first_account(seen.repository.id, user),
    )
    rights.require(environment, verb, person)


def require_ready(
    ports: Ports,
    seen: Look,
    environment: Environment,
    pull_request: PullRequest,
    plans: Sequence[Plan],
) -> None:
    """Return when all requirements of the environment hold for applying these plans.

    Raises:
        RefusedError: names every requirement that does not hold.
    """
    facts = _review_facts(ports, seen, environment, pull_request, plans)
    requirements.require_ready(environment, facts)


def unmet_requirements(
    ports: Ports,
    seen: Look,
    environment: Environment,
    pull_request: PullRequest,
    plans: Sequence[Plan],
) -> tuple[str, ...]:
    """A sentence for each requirement of the environment that the pull request does not meet."""
    facts = _review_facts(ports, seen, environment, pull_request, plans)
    return requirements.unmet(environment.requirements, facts)


def missing_approval(
    ports: Ports,
    seen: Look,
    environment: Environment,
    pull_request: PullRequest,
    plans: Sequence[Plan],
) -> tuple[str, ...]:
    """Which approval of these plans the pull request lacks; empty when it lacks none."""
    wanted = environment.requirements & {Requirement.APPROVED}
    if not wanted:
        return ()
    asked = replace(environment, requirements=wanted)
    return requirements.unmet(wanted, _review_facts(ports, seen, asked, pull_request, plans))


def _review_facts(
    ports: Ports,
    seen: Look,
    environment: Environment,
    pull_request: PullRequest,
    plans: Sequence[Plan],
) -> ReviewFacts:
    wanted = environment.requirements
    reviewed, head = Requirement.APPROVED in wanted, pull_request.head
    reviews = seen.forge.reviews(pull_request.number) if reviewed else ()
    makers, heard = _makers(ports, seen, pull_request) if reviewed else (frozenset(), True)
    restored = restored_at(ports, seen.repository.id, pull_request.number) if reviewed else None
    approved = (r.id for r in reviews if _approves(ports, pull_request, r, plans, restored))
    return ReviewFacts(
        pull_request=pull_request,
        reviews=reviews,
        permissions={r.author: seen.forge.permission(r.author) for r in reviews},
        makers=makers,
        heard=heard,
        doubt=_doubt(ports, seen, environment, pull_request) if reviewed else "",
        approved=frozenset(approved),
        checks=seen.forge.other_checks(head) if Requirement.CHECKS in wanted else (),
        contains_tip=seen.mirror.contains(seen.tip, head),
        conflicts=seen.mirror.merge(seen.tip, head) is None,
    )


def _doubt(ports: Ports, seen: Look, environment: Environment, pull_request: PullRequest) -> str:
    """Why somebody else may have made what a promotion brings; empty for any other pull request."""
    rows = ports.records.promotions.of_target(seen.key(environment.name))
    lives = (live for row in rows for live in (row.live, row.merged) if live is not None)
    return next((one.doubt for one in lives if one.number == pull_request.number and one.doubt), "")


def _makers(ports: Ports, seen: Look, pull_request: PullRequest) -> tuple[frozenset[str], bool]:
    """Everybody who made a commit of the pull request; and whether it was heard who pushed it.

    Authors and committers are only what a commit says of itself, so they alone are not enough.
    """
    own, head = seen.mirror.own_commits(seen.tip, pull_request.head), pull_request.head
    pushers = ports.records.pull_requests.pushers(seen.repository.id, {*own, head})
    written = seen.forge.committers(pull_request.number)
    makers = [each.get(commit, frozenset()) for commit in own for each in (pushers, written)]
    return frozenset[str]().union(*makers), head in pushers


def _approves(
    ports: Ports,
    pull_request: PullRequest,
    review: Review,
    plans: Sequence[Plan],
    restored: datetime | None,
) -> bool:
    """Whether the review was given while the pull request showed all these plans.

    GitHub tells whole seconds: what was first shown in the second of the review may have come after it.

    ``restored`` is when the plan comment was last written again after somebody had changed it.
    """
    if review.state is not ReviewState.APPROVED:
        return False
    runs, number, at = ports.records.runs, pull_request.number, review.submitted_at
    if not untouched(restored, at):
        return False
    for plan in plans:
        before, within = (
            runs.plan(run.id) if (run := runs.shown_plan(plan.stack, number, moment)) else None
            for moment in (at - GITHUB_GRAIN, at)
        )
        if not covers(before, within, plan):
            return False
    return True
