"""What must hold before ``/apply`` on an open pull request, and who may ask for it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gitbot.model.desired import PERMISSION_ORDER, Environment, Grant, Permission, Requirement
from gitbot.model.forge import OtherCheck, PullRequest, Review, ReviewState

DEFAULT_GRANT = Grant(permission=Permission.WRITE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was read of the pull request for its requirements.

    ``permissions`` of everybody who reviewed; ``pushers`` are those who brought the head.
    """

    pull_request: PullRequest
    reviews: Sequence[Review] = ()
    permissions: Mapping[str, Permission]
    pushers: frozenset[str] = frozenset()
    checks: Sequence[OtherCheck] = ()
    contains_tip: bool = True
    conflicts: bool = False


def at_least(permission: Permission, wanted: Permission) -> bool:
    """Whether one repository permission includes another."""
    return PERMISSION_ORDER.index(permission) >= PERMISSION_ORDER.index(wanted)


def grant_of(environment: Environment, verb: str) -> Grant:
    """Who may give the command in the environment; without an entry of its own, who may apply."""
    grants = environment.grants
    return grants.get(verb) or grants.get("apply", DEFAULT_GRANT)


def may(
    grant: Grant, *, user: str, permission: Permission, teams: frozenset[str] = frozenset()
) -> bool:
    """Whether a user with this repository permission and these teams is covered by the grant."""
    if user.lower() in {name.lower() for name in grant.users} or grant.teams & teams:
        return True
    return grant.permission is not None and at_least(permission, grant.permission)


def describe(grant: Grant) -> str:
    """The grant in words: ``write access, @ada or the team acme/ml``."""
    words = [f"{grant.permission} access"] if grant.permission is not None else []
    words += sorted(grant.users) + [f"the team {team}" for team in sorted(grant.teams)]
    return " or ".join(words) or "nobody"


def unmet(requirements: frozenset[Requirement], facts: Facts) -> tuple[str, ...]:
    """A sentence for each requirement that does not hold, in a fixed order; empty: all hold."""
    said = {
        Requirement.APPROVED: _approval(facts),
        Requirement.CHECKS: _checks(facts),
        Requirement.NO_CONFLICT: (
            "it conflicts with the tracked branch: merge or rebase it" if facts.conflicts else ""
        ),
        Requirement.UP_TO_DATE: (
            "" if facts.contains_tip else "it is behind the tracked branch: update it first"
        ),
    }
    return tuple(said[each] for each in Requirement if each in requirements and said[each])


def _approval(facts: Facts) -> str:
    verdicts: dict[str, Review] = {}
    for review in facts.reviews:
        if review.state is not ReviewState.COMMENTED:
            verdicts[review.author] = review
    counted = {
        author: review
        for author, review in verdicts.items()
        if at_least(facts.permissions.get(author, Permission.NONE), Permission.WRITE)
    }
    against = sorted(a for a, r in counted.items() if r.state is ReviewState.CHANGES_REQUESTED)
    if against:
        return f"changes were requested by {', '.join(against)}"
    author = facts.pull_request.author
    excluded = {author.lower()} | {name.lower() for name in facts.pushers}
    approvals = [
        r
        for a, r in counted.items()
        if r.state is ReviewState.APPROVED and a.lower() not in excluded
    ]
    if any(review.commit == facts.pull_request.head for review in approvals):
        return ""
    if approvals:
        return "the approval is for an earlier commit: the newest one needs an approval"
    return (
        "it needs an approval of its newest commit by someone with write access who is neither "
        "its author nor the last to push"
    )


def _checks(facts: Facts) -> str:
    waiting = sorted(check.name for check in facts.checks if check.passed is None)
    failed = sorted(check.name for check in facts.checks if check.passed is False)
    parts = []
    if failed:
        parts.append(f"failed checks: {', '.join(failed)}")
    if waiting:
        parts.append(f"checks still running: {', '.join(waiting)}")
    return "; ".join(parts)
