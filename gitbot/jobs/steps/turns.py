"""Say how far an apply is that takes several turns. Shell."""

from __future__ import annotations

from gitbot.jobs.steps.look import Glance, Ports
from gitbot.jobs.steps.publish import keep_comment
from gitbot.jobs.steps.telling import Telling
from gitbot.model.said import Topic, TopicKind
from gitbot.render.comments import turn_comment


def tell_turn(ports: Ports, seen: Glance, number: int | None, environment: str, text: str) -> None:
    """Keep one comment on the pull request that says how far the apply is.

    The work goes on whether or not GitHub takes the comment.
    """
    if number is None:
        return
    topic = Topic(kind=TopicKind.APPLY, subject=f"turn:{environment}")
    body = turn_comment(environment, text)
    repository = seen.repository.id
    Telling().say(
        f"how far the apply of {environment} is",
        lambda: keep_comment(ports, seen.forge, repository, number, topic, body),
    )
