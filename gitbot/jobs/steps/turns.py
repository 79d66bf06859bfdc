"""Say how far an apply is that is not over yet. Shell."""

from __future__ import annotations

import threading

from gitbot.jobs.steps.look import Glance, Ports
from gitbot.jobs.steps.publish import keep_comment
from gitbot.jobs.steps.telling import Telling
from gitbot.model.said import Topic, TopicKind
from gitbot.render.comments import slow_comment, turn_comment, turn_over_comment

_ONE_AT_A_TIME = threading.Lock()
"""The steps of a walk may have something to say at the same time."""


def tell_turn(ports: Ports, seen: Glance, number: int | None, environment: str, text: str) -> None:
    """Say in one comment on the pull request how far an apply is that goes on in turns.

    The work goes on whether or not GitHub takes the comment.
    """
    _keep(ports, seen, number, environment, turn_comment(environment, text))


def tell_waiting(
    ports: Ports, seen: Glance, number: int | None, environment: str, text: str
) -> None:
    """Say in the same comment what a running apply waits for."""
    _keep(ports, seen, number, environment, slow_comment(environment, text))


def end_turns(ports: Ports, seen: Glance, number: int | None, environment: str) -> None:
    """Say in that comment, if there is one, that the apply is over."""
    if number is None:
        return
    known = ports.records.said.comment(seen.repository.id, number, _topic(environment))
    if known is not None:
        _keep(ports, seen, number, environment, turn_over_comment(environment))


def _keep(ports: Ports, seen: Glance, number: int | None, environment: str, body: str) -> None:
    if number is None:
        return
    topic, repository = _topic(environment), seen.repository.id
    with _ONE_AT_A_TIME:
        Telling().say(
            f"how far the apply of {environment} is",
            lambda: keep_comment(ports, seen.forge, repository, number, topic, body),
        )


def _topic(environment: str) -> Topic:
    return Topic(kind=TopicKind.APPLY, subject=f"turn:{environment}")
