"""Read comments and reviews again whose webhooks may have been lost. Shell."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from gitbot.jobs.steps.look import Look, Ports
from gitbot.model.commands import Source
from gitbot.model.events import TextWritten
from gitbot.model.forge import Comment, Review


def hear_again(ports: Ports, seen: Look, since: datetime) -> None:
    """Hear every comment and review that was written since then where a command may matter.

    Those places are open pull requests, recently merged ones, and all on which somebody may say
    what is to become of a stack. What was heard before is not heard again. A pull request on which
    nothing happened since then costs no call to GitHub.
    """
    recent = (*seen.forge.open_pull_requests(), *seen.forge.merged_pull_requests(since))
    quiet = {each.number for each in recent if each.updated_at and each.updated_at < since}
    comments = seen.forge.recent_comments(since)
    for number in sorted({each.number for each in recent} | _waiting(ports, seen)):
        reviews = () if number in quiet else seen.forge.reviews(number)
        submitted = [review for review in reviews if review.submitted_at >= since]
        for text in _texts(seen, number, comments.get(number, ()), submitted):
            if text.author != seen.forge.login:
                ports.hear(text)


def _texts(
    seen: Look, number: int, comments: Iterable[Comment], reviews: Iterable[Review]
) -> Iterable[TextWritten]:
    repository = seen.repository.id
    for comment in comments:
        yield TextWritten(
            repository=repository,
            number=number,
            on_pull_request=True,
            source=Source.COMMENT,
            id=comment.id,
            author=comment.author,
            body=comment.body,
            written_at=comment.created_at,
            text_at=comment.text_at,
            edited=comment.edited,
        )
    for review in reviews:
        if review.body:
            yield TextWritten(
                repository=repository,
                number=number,
                on_pull_request=True,
                source=Source.REVIEW,
                id=review.id,
                author=review.author,
                body=review.body,
                written_at=review.submitted_at,
                text_at=review.submitted_at,
            )


def _waiting(ports: Ports, seen: Look) -> set[int]:
    """Pull requests, however old, on which somebody may say what is to become of a stack."""
    claims = ports.records.claims.of_repository(seen.repository.id)
    numbers: set[int | None] = {claim.pull_request for claim in claims}
    for environment in seen.at_tip.environments:
        held = ports.records.runs.held(seen.key(environment))
        numbers |= {run.pull_request for run in held}
    return {number for number in numbers if number is not None}
