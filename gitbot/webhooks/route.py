"""Names the jobs that an event wakes, as keys. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from gitbot.decisions.merge_groups import is_queue
from gitbot.model.events import (
    CheckRerequested,
    CommentChanged,
    Event,
    Ignored,
    IssueChanged,
    MergeGroupMade,
    Ping,
    PullRequestChanged,
    Pushed,
    ReviewSubmitted,
    TextWritten,
)
from gitbot.model.keys import (
    AnswerComment,
    ClosePullRequest,
    DetectDrift,
    FollowTip,
    JobKey,
    OpenWindows,
    PlanMergeGroup,
    PlanPullRequest,
    RerunChecks,
    RestoreComment,
)


def route(event: Event, delivery_id: str, *, branch: str = "") -> tuple[JobKey, ...]:
    """The keys to enqueue. A redelivery makes the same keys, so it wakes nothing new.

    ``branch`` is the tracked branch; empty: the repository's default one. Call it for a
    ``TextWritten`` only when the text has commands, and for a ``CommentChanged`` only when somebody
    else changed a comment of ours.
    """
    match event:
        case PullRequestChanged(repository=repository, number=number, action="closed"):
            return (ClosePullRequest(repository=repository, number=number, reason=delivery_id),)
        case PullRequestChanged() | ReviewSubmitted():
            return (
                PlanPullRequest(
                    repository=event.repository, number=event.number, reason=delivery_id
                ),
            )
        case MergeGroupMade():
            return (_group(event.repository, event.head, event.branch, delivery_id),)
        case CheckRerequested():
            return (_rerun(event, delivery_id),)
        case TextWritten():
            return (_answer(event),)
        case CommentChanged():
            return (_restore(event, delivery_id),)
        case IssueChanged():
            return tuple(_scans(event, delivery_id))
        case Pushed():
            follow = FollowTip(repository=event.repository, reason=delivery_id)
            return (follow,) if _moves_tip(event, branch) else ()
        case Ping() | Ignored():
            return ()
        case _:
            assert_never(event)


def _answer(event: TextWritten) -> AnswerComment:
    return AnswerComment(
        repository=event.repository,
        number=event.number,
        source=event.source,
        comment=event.id,
        again=f"edit:{int(event.text_at.timestamp())}" if event.edited else "",
    )


def _restore(event: CommentChanged, reason: str) -> RestoreComment:
    return RestoreComment(
        repository=event.repository,
        number=event.number,
        comment=event.comment,
        reason=reason,
    )


def _scans(event: IssueChanged, reason: str) -> Iterator[JobKey]:
    if event.environment:
        yield DetectDrift(repository=event.repository, environment=event.environment, reason=reason)
    if event.frozen:
        yield OpenWindows(repository=event.repository, environment=event.frozen, reason=reason)


def _moves_tip(event: Pushed, branch: str) -> bool:
    """Whether the push may have moved the tip. A push to a pull request has an event of its own."""
    tracked = branch or event.default_branch
    return not tracked or event.ref == f"refs/heads/{tracked}"


def _group(repository: str, head: str, branch: str, reason: str) -> PlanMergeGroup:
    return PlanMergeGroup(repository=repository, head=head, branch=branch, reason=reason)


def _rerun(event: CheckRerequested, delivery_id: str) -> JobKey:
    if is_queue(event.branch):
        return _group(event.repository, event.head, event.branch, delivery_id)
    return RerunChecks(
        repository=event.repository,
        head=event.head,
        check=event.check,
        by=event.by,
        reason=delivery_id,
    )
