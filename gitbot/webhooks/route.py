"""From an event to the jobs that it wakes: names and keys, never decisions. Pure."""

from __future__ import annotations

from typing import assert_never

from gitbot.model.events import (
    CheckRerequested,
    CommentCreated,
    Event,
    Ignored,
    Ping,
    PullRequestChanged,
    Pushed,
    ReviewSubmitted,
)
from gitbot.model.jobs import JobName, JobRequest
from gitbot.webhooks.commands import parse_commands


def route(event: Event, delivery_id: str) -> tuple[JobRequest, ...]:
    """The jobs to enqueue, with ids that make the same delivery again do nothing.

    A plan supersedes the queued plans of the same pull request. A comment's id alone names its
    answer, so that a redelivery does not answer it twice; its partition keeps the sweep's job for it
    from running beside this one.
    """
    match event:
        case PullRequestChanged(action="closed"):
            return (_close(event, delivery_id),)
        case PullRequestChanged() | ReviewSubmitted():
            return (_plan(event.repository, event.number, delivery_id),)
        case CheckRerequested():
            return tuple(_plan(event.repository, number, delivery_id) for number in event.numbers)
        case CommentCreated():
            return _answer(event)
        case Pushed():
            return (
                JobRequest(
                    job=JobName.FOLLOW_TIP,
                    key={"repository": event.repository},
                    id=f"tip:{event.repository}:{delivery_id}",
                ),
            )
        case Ping() | Ignored():
            return ()
        case _:
            assert_never(event)


def _close(event: PullRequestChanged, delivery_id: str) -> JobRequest:
    return JobRequest(
        job=JobName.CLOSE_PULL_REQUEST,
        key={"repository": event.repository, "number": event.number},
        id=f"close:{delivery_id}",
    )


def _plan(repository: str, number: int, delivery_id: str) -> JobRequest:
    prefix = f"plan:{repository}:{number}:"
    return JobRequest(
        job=JobName.PLAN_PULL_REQUEST,
        key={"repository": repository, "number": number},
        id=f"{prefix}{delivery_id}",
        partition=prefix,
        supersedes=prefix,
    )


def _answer(event: CommentCreated) -> tuple[JobRequest, ...]:
    if not event.on_pull_request or not parse_commands(event.body):
        return ()
    return (
        JobRequest(
            job=JobName.ANSWER_COMMENT,
            key={
                "repository": event.repository,
                "number": event.number,
                "comment": event.comment,
            },
            id=f"answer:{event.comment}",
            partition=f"answer:{event.comment}",
        ),
    )
