"""The job that finds and wakes what a lost webhook left undone in one repository. Shell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from gitbot.errors import GitbotError
from gitbot.jobs.steps.acceptance import UNANSWERED_S
from gitbot.jobs.steps.frozen_issues import keep_frozen_issues
from gitbot.jobs.steps.hear import hear_again
from gitbot.jobs.steps.look import Look, Ports, look
from gitbot.jobs.steps.missing_rights import tell_missing_rights
from gitbot.jobs.steps.promotion.waking import wake_promotions
from gitbot.jobs.steps.schedules import reschedule
from gitbot.jobs.steps.wake import wake_all
from gitbot.model.keys import AnswerComment, ClosePullRequest, PruneRuns, Sweep

COMMENTS_WINDOW = timedelta(hours=24)
"""How far back to read comments again. An older command that was never heard is not acted on."""


def sweep(ports: Ports, key: Sweep) -> None:
    """Compare the repository with what was planned, heard and applied, and wake what is missing.

    Also wakes the deletion of old runs, once a day, because it gets slow with many runs.
    """
    seen, now = look(ports, key.repository), ports.forges.now()
    moment = now.isoformat(timespec="minutes")
    prune = PruneRuns(repository=key.repository, day=now.date().isoformat())
    _do_all(
        partial(wake_all, ports, seen, why=f"sweep:{moment}"),
        partial(reschedule, ports, seen),
        partial(wake_promotions, ports, seen, f"sweep:{moment}"),
        partial(tell_missing_rights, ports, seen),
        partial(keep_frozen_issues, ports, seen),
        seen.forge.drop_doubled_deployments,
        partial(hear_again, ports, seen, now - COMMENTS_WINDOW),
        partial(_wake_closed, ports, seen, moment),
        partial(_wake_answers, ports, seen, now),
        partial(ports.queue.enqueue, prune),
    )


def _do_all(*parts: Callable[[], object]) -> None:
    """Do every part, also after one that failed; then raise the first error."""
    failed: GitbotError | None = None
    for part in parts:
        try:
            part()
        except GitbotError as error:
            failed = failed or error
    if failed is not None:
        raise failed


def _wake_closed(ports: Ports, seen: Look, moment: str) -> None:
    """Wake the job of each closed pull request whose claims are not marked as closed."""
    repository = seen.repository.id
    claims = ports.records.claims.of_repository(repository)
    for number in sorted({claim.pull_request for claim in claims if not claim.closed}):
        if not seen.forge.pull_request(number).open:
            key = ClosePullRequest(repository=repository, number=number, reason=moment)
            ports.queue.enqueue(key)


def _wake_answers(ports: Ports, seen: Look, now: datetime) -> None:
    """Wake the answers of comments whose job was lost."""
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
