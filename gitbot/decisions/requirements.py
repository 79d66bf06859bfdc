"""Decides whether an open pull request is ready for ``/apply``. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gitbot.decisions.rights import at_least
from gitbot.errors import RefusedError
from gitbot.model.desired import Environment, Permission, Requirement
from gitbot.model.forge import OtherCheck, PullRequest, Review, ReviewState


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewFacts:
    """The facts about a pull request that requirements ask for.

    ``permissions`` are those of the reviewers. ``makers`` are the people who pushed, wrote or
    committed any of its commits; mere merges of the tracked branch do not count. ``heard``: a
    webhook said who pushed the head. ``approved`` are the ids of the reviews that were given while
    the plans that are to be applied now stood on the pull request. ``doubt`` says why somebody else may
    have made it, too.
    """

    pull_request: PullRequest
    reviews: Sequence[Review] = ()
    permissions: Mapping[str, Permission]
    makers: frozenset[str] = frozenset()
    heard: bool = True
    doubt: str = ""
    approved: frozenset[int] = frozenset()
    checks: Sequence[OtherCheck] = ()
    contains_tip: bool = True
    conflicts: bool = False


def unmet(requirements: frozenset[Requirement], facts: ReviewFacts) -> tuple[str, ...]:
    """A sentence for each requirement that does not hold, in a fixed order; empty when all hold."""
    said = {
        Requirement.APPROVED: _approval(facts),
        Requirement.CHECKS: _checks(facts),
        Requirement.NO_CONFLICT: (
            "it conflicts with the branch that it goes to: merge or rebase it"
            if facts.conflicts
            else ""
        ),
        Requirement.UP_TO_DATE: (
            "" if facts.contains_tip else "it is behind the branch that it goes to: update it first"
        ),
    }
    return tuple(said[each] for each in Requirement if each in requirements and said[each])


def require_ready(environment: Environment, facts: ReviewFacts) -> None:
    """Return when all requirements of the environment hold.

    Raises:
        RefusedError: names every requirement that does not hold.
    """
    missing = unmet(environment.requirements, facts)
    if missing:
        raise RefusedError(
            f"the pull request is not ready for {environment.name}: " + "; ".join(missing)
        )


def _verdicts(facts: ReviewFacts) -> Mapping[str, Review]:
    """The last verdict of each reviewer with write access."""
    verdicts: dict[str, Review] = {}
    for review in facts.reviews:
        if review.state is not ReviewState.COMMENTED:
            verdicts[review.author] = review
    return {
        author: review
        for author, review in verdicts.items()
        if at_least(facts.permissions.get(author, Permission.NONE), Permission.WRITE)
    }


def _approval(facts: ReviewFacts) -> str:
    """Why no approval counts; empty when one does."""
    counted = _verdicts(facts)
    against = sorted(a for a, r in counted.items() if r.state is ReviewState.CHANGES_REQUESTED)
    if against:
        return f"changes were requested by {', '.join(against)}"
    if not facts.heard:
        return (
            "gitbot has not heard who pushed its newest commit, so nobody can tell who may approve "
            "it: push once more, an empty commit is enough"
        )
    excluded = _excluded(facts)
    approvals = [
        r
        for a, r in counted.items()
        if r.state is ReviewState.APPROVED and a.lower() not in excluded
    ]
    given = [review for review in approvals if review.id in facts.approved]
    if given and facts.doubt and len(given) < 2:
        return (
            f"not everybody who made it is known, because {facts.doubt}: a second person must approve "
            "the plan that is shown now"
        )
    if given:
        return ""
    if approvals:
        return (
            "the approval was not given for the plan that is shown now: it needs an approval of "
            "this plan"
        )
    return (
        "it needs an approval of the plan that is shown now, by someone with write access who has "
        "neither opened it nor pushed, written or committed any of its commits"
    )


def _excluded(facts: ReviewFacts) -> set[str]:
    """The people whose approval does not count, in lower case."""
    pull_request = facts.pull_request
    names = {pull_request.author, *facts.makers}
    if pull_request.from_fork and pull_request.head_owner:
        names.add(pull_request.head_owner)
    return {name.lower() for name in names}


def _checks(facts: ReviewFacts) -> str:
    waiting = sorted(check.name for check in facts.checks if check.passed is None)
    failed = sorted(check.name for check in facts.checks if check.passed is False)
    parts = []
    if failed:
        parts.append(f"failed checks: {', '.join(failed)}")
    if waiting:
        parts.append(f"checks still running: {', '.join(waiting)}")
    return "; ".join(parts)
