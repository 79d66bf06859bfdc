"""The job that finds what a lost webhook left undone in one repository. Shell."""

from __future__ import annotations

from datetime import datetime, timedelta

from gitbot.jobs.steps.acceptance import UNANSWERED_S
from gitbot.jobs.steps.hear import hear_again
from gitbot.jobs.steps.look import Look, Ports, look
from gitbot.jobs.steps.wake import wake_all
from gitbot.model.keys import AnswerComment, ClosePullRequest, PruneRuns, Sweep

COMMENTS_WINDOW = timedelta(hours=24)
"""How far back comments are read again; a command older than this that was never heard is too old
to act on."""


def sweep(ports: Ports, key: Sweep) -> None:
    """Compare the repository with what has been planned, heard and applied; wake the difference.

    Have old runs deleted once a day: to find them costs as much as there is of old ones.
    """
    seen, now = look(ports, key.repository), ports.clock.now()
    moment = now.isoformat(timespec="minutes")
    wake_all(ports, seen, why=f"sweep:{moment}")
    hear_again(ports, seen, now - COMMENTS_WINDOW)
    _wake_closed(ports, seen, moment)
    _wake_answers(ports, seen, now)
    ports.queue.enqueue(PruneRuns(repository=key.repository, day=now.date().isoformat()))


def _wake_closed(ports: Ports, seen: Look, moment: str) -> None:
    """Settle the closed pull requests whose claims still stand as if they were open."""
    repository = seen.repository.id
    claims = ports.records.claims.of_repository(repository)
    for number in sorted({claim.pull_request for claim in claims if not claim.closed}):
        if not seen.forge.pull_request(number).open:
            key = ClosePullRequest(repository=repository, number=number, reason=moment)
            ports.queue.enqueue(key)


def _wake_answers(ports: Ports, seen: Look, now: datetime) -> None:
    """Have the comments answered whose job was lost."""
    repository, moment = seen.repository.id, now.isoformat(timespec="minutes")
    for command in ports.records.commands.open(repository):
        if (now - command.written_at).total_seconds() > UNANSWERED_S:
            ports.queue.enqueue(
                AnswerComment(
                    repository=repository,
                    number=command.number,
                    source=command.ref.source,
                    comment=command.ref.comment,
                    again=moment,
                )
            )
