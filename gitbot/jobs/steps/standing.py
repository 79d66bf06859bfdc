"""Compare our comments with what we wrote, before they count as read. Shell."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from gitbot.decisions.standing import require_untouched, untouched
from gitbot.jobs.steps.look import Glance, Ports
from gitbot.jobs.steps.publish import standing_comment, was_changed
from gitbot.model.keys import RestoreComment
from gitbot.model.said import SaidComment, Topic, TopicKind


def require_standing(
    ports: Ports, seen: Glance, number: int, topics: Iterable[Topic], at: datetime
) -> None:
    """Return when the comments about these topics say what we wrote, and did at that time.

    ``at`` is GitHub's time of the command that relies on them. A comment that does not is written
    again.

    Raises:
        RefusedError: one was changed or deleted; or it was restored only after that time.
    """
    said = ports.records.said
    for topic in topics:
        comment = said.comment(seen.repository.id, number, topic)
        if comment is not None:
            stands = _stands(ports, seen, number, comment)
            require_untouched(comment.restored_at, at, stands=stands)


def require_plan_standing(ports: Ports, seen: Glance, number: int, at: datetime) -> None:
    """``require_standing`` for everything that shows the plans of the pull request."""
    plans = ports.records.said.comments(seen.repository.id, number, TopicKind.PLAN)
    require_standing(ports, seen, number, plans, at)


def plan_stood(ports: Ports, seen: Glance, number: int, at: datetime) -> bool:
    """Whether what shows the plans of the pull request says what we wrote, and did at that time."""
    plans = ports.records.said.comments(seen.repository.id, number, TopicKind.PLAN)
    return all(
        untouched(comment.restored_at, at) and _stands(ports, seen, number, comment)
        for comment in plans.values()
    )


def restored_at(ports: Ports, repository: str, number: int) -> datetime | None:
    """When the plans were last written again after somebody had changed them; None: never."""
    plans = ports.records.said.comments(repository, number, TopicKind.PLAN)
    times = [each.restored_at for each in plans.values() if each.restored_at is not None]
    return max(times, default=None)


def _stands(ports: Ports, seen: Glance, number: int, comment: SaidComment) -> bool:
    if standing_comment(seen.forge, comment) is not None:
        return True
    repository = seen.repository.id
    topic = ports.records.said.topic_of(repository, comment.comment)
    if topic is not None and not was_changed(ports, seen.forge, repository, number, topic):
        # We wrote it meanwhile. What was restored only now is no ground to rely on.
        now = ports.records.said.comment(repository, number, topic)
        return now is not None and now.restored_at == comment.restored_at
    write_again(ports, repository, number, comment.comment)
    return False


def write_again(ports: Ports, repository: str, number: int, comment: int) -> None:
    """Wake the job that writes a comment of ours again which somebody has changed.

    Somebody may change it again as soon as it is restored, so no two wakes are the same job.
    """
    ports.records.said.doubt(repository, comment)
    reason = f"seen:{uuid.uuid4().hex}"
    ports.queue.enqueue(
        RestoreComment(repository=repository, number=number, comment=comment, reason=reason)
    )
