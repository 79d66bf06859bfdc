"""The job that writes a comment of ours again that somebody changed or deleted. Shell."""

from __future__ import annotations

from functools import partial

from gitbot.jobs.steps.look import Ports
from gitbot.jobs.steps.publish import keep_page
from gitbot.jobs.steps.telling import Telling
from gitbot.model.keys import PlanPullRequest, RestoreComment
from gitbot.model.said import TopicKind


def restore_comment(ports: Ports, key: RestoreComment) -> None:
    """Make the comment say again what we wrote. Does nothing when it is not ours, or says so.

    The plan of an open pull request is made again instead, because only that job writes it. What
    GitHub does not take any more, as in a locked conversation, is left: consent asks again.

    Raises:
        TransientError: GitHub does not answer now.
    """
    repository, said, forge = key.repository, ports.records.said, ports.forges.open(key.repository)
    topic = said.topic_of(repository, key.comment)
    if topic is None:
        return
    if topic.kind is TopicKind.PLAN and forge.pull_request(key.number).open:
        reason = f"restore:{key.reason}"
        ports.queue.enqueue(
            PlanPullRequest(repository=repository, number=key.number, reason=reason)
        )
        return
    body = said.body(repository, key.number, topic)
    if body is not None:
        telling = Telling()
        keep = partial(keep_page, ports, forge, repository, key.number, topic, body)
        telling.say(f"the changed comment {key.comment} on #{key.number}", keep)
        telling.end()
