"""Names the jobs that an event wakes, as keys. Pure."""

from __future__ import annotations

from typing import assert_never

from gitbot.model.events import (
    CheckRerequested,
    Event,
    Ignored,
    Ping,
    PullRequestChanged,
    Pushed,
    ReviewSubmitted,
    TextWritten,
)
from gitbot.model.keys import AnswerComment, ClosePullRequest, FollowTip, JobKey, PlanPullRequest


def route(event: Event, delivery_id: str) -> tuple[JobKey, ...]:
    """The keys to enqueue. A redelivery makes the same keys, so it wakes nothing new.

    Call it for a ``TextWritten`` only when the text has commands.
    """
    match event:
        case PullRequestChanged(repository=repository, number=number, action="closed"):
            return (ClosePullRequest(repository=repository, number=number, reason=delivery_id),)
        case PullRequestChanged() | ReviewSubmitted():
            return _plans(event.repository, (event.number,), delivery_id)
        case CheckRerequested():
            return _plans(event.repository, event.numbers, delivery_id)
        case TextWritten():
            return (
                AnswerComment(
                    repository=event.repository,
                    number=event.number,
                    source=event.source,
                    comment=event.id,
                ),
            )
        case Pushed():
            return (FollowTip(repository=event.repository, reason=delivery_id),)
        case Ping() | Ignored():
            return ()
        case _:
            assert_never(event)


def _plans(repository: str, numbers: tuple[int, ...], reason: str) -> tuple[JobKey, ...]:
    return tuple(
        PlanPullRequest(repository=repository, number=number, reason=reason) for number in numbers
    )
