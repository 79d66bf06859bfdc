"""Read comments and reviews again, in case their webhooks were lost. Shell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from gitbot.decisions.commands.new_commands import new_commands
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.publish import text_hash, was_changed
from gitbot.jobs.steps.standing import write_again
from gitbot.model.commands import Source
from gitbot.model.events import TextWritten
from gitbot.model.forge import Comment, Review
from gitbot.model.said import topic_in


def hear_again(ports: Ports, seen: Look, since: datetime) -> None:
    """Hear every comment since then, and every review on the pull requests where one can matter.

    Those are the open ones, the ones merged since then, and all that have a claim or a held apply.
    Hearing a text again does nothing. A pull request without news costs no call to GitHub.
    """
    recent = (*seen.forge.open_pull_requests(), *seen.forge.merged_pull_requests(since))
    quiet = {each.number for each in recent if each.updated_at and each.updated_at < since}
    comments = seen.forge.recent_comments(since)
    numbers = {each.number for each in recent} | _waiting(ports, seen)
    for number in sorted(numbers):
        reviews = () if number in quiet else seen.forge.reviews(number)
        submitted = [review for review in reviews if review.submitted_at >= since]
        for text in _texts(seen, number, comments.get(number, ()), submitted):
            if text.author != seen.forge.login:
                ports.hear(text)
        _look_after(ports, seen, number, comments.get(number, ()))
    for number in sorted(set(comments) - numbers):
        _hear_elsewhere(ports, seen, number, comments[number])
        _look_after(ports, seen, number, comments[number])


def _hear_elsewhere(ports: Ports, seen: Look, number: int, comments: Iterable[Comment]) -> None:
    """Hear the commands on an issue, or on a pull request that was closed.

    Ask GitHub which of the two it is, but only when there is a command that was not heard before.
    """
    new = [text for text in _texts(seen, number, comments, ()) if _has_news(ports, seen, text)]
    if new:
        on_pull_request = seen.forge.issue(number) is None
        for text in new:
            ports.hear(replace(text, on_pull_request=on_pull_request))


def _has_news(ports: Ports, seen: Look, text: TextWritten) -> bool:
    known = ports.records.commands.of_comment(text.source, text.id)
    return bool(new_commands(text, known, seen.forge.login))


def _look_after(ports: Ports, seen: Look, number: int, comments: Iterable[Comment]) -> None:
    """Wake the job that writes our comments again, for each that somebody has changed."""
    said, repository = ports.records.said, seen.repository.id
    for each in comments:
        if each.author != seen.forge.login:
            continue
        topic = said.topic_of(repository, each.id)
        if topic is None:
            _drop_copy(ports, seen, number, each)
        known = said.comment(repository, number, topic) if topic else None
        if topic is None or known is None or known.body_hash == text_hash(each.body):
            continue
        # The comments were read before the records: one that we wrote since differs, too.
        if was_changed(ports, seen.forge, repository, number, topic):
            write_again(ports, repository, number, each.id)


def _drop_copy(ports: Ports, seen: Look, number: int, comment: Comment) -> None:
    """Delete a comment of ours whose twin is the recorded one, and stands.

    GitHub makes two when it carries out a call late, whose answer was lost and which was repeated.
    """
    topic = topic_in(comment.body)
    known = ports.records.said.comment(seen.repository.id, number, topic) if topic else None
    if known is not None and known.comment != comment.id and seen.forge.comment(known.comment):
        seen.forge.delete_comment(comment.id)


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
            author_id=comment.author_id,
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
                author_id=review.author_id,
                body=review.body,
                written_at=review.submitted_at,
                text_at=review.submitted_at,
            )


def _waiting(ports: Ports, seen: Look) -> set[int]:
    """The pull requests, however old, that have a claim or a held apply."""
    claims = ports.records.claims.of_repository(seen.repository.id)
    numbers: set[int | None] = {claim.pull_request for claim in claims}
    for environment in seen.at_tip.environments:
        held = ports.records.runs.held(seen.key(environment))
        numbers |= {run.pull_request for run in held}
    return {number for number in numbers if number is not None}
