"""The job that finds what a lost webhook left undone. Shell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from gitbot.errors import TransientError, UserError
from gitbot.jobs.follow_tip import follow_tip
from gitbot.jobs.wake import UNANSWERED, wake_answer, wake_close
from gitbot.jobs.world import Look, World
from gitbot.model.events import CommentCreated
from gitbot.model.values import Json

COMMENTS_WINDOW = timedelta(hours=24)
"""How far back comments are read again; a command older than this that was never heard is too old
to act on."""


def sweep(world: World, key: Mapping[str, Json]) -> None:
    """Compare every repository with what has been planned, heard and applied; wake the difference.

    One that cannot be reached does not keep the others from being swept.
    """
    failed: list[TransientError | UserError] = []
    for repository in world.forges.tracked():
        try:
            _sweep(world, repository)
        except (TransientError, UserError) as error:
            failed.append(error)
    if failed:
        raise failed[0]


def _sweep(world: World, repository: str) -> None:
    moment = world.clock.now().isoformat(timespec="minutes")
    seen = follow_tip(world, {"repository": repository, "why": f"sweep:{moment}"})
    since = world.clock.now() - COMMENTS_WINDOW
    recent = (*seen.forge.open_pull_requests(), *seen.forge.merged_pull_requests(since))
    for number in sorted({each.number for each in recent} | _waiting(world, seen)):
        _hear_comments(world, seen, number, since)
    for environment in seen.at_tip.environments:
        for claim in world.runs.claims(seen.key(environment)):
            if not claim.closed and not seen.forge.pull_request(claim.pull_request).open:
                wake_close(world, repository, claim.pull_request)
    for command in world.runs.open_commands(repository):
        if world.clock.now() - command.written_at > UNANSWERED:
            wake_answer(world, repository, command.pull_request, command.comment)


def _waiting(world: World, seen: Look) -> set[int]:
    """Pull requests, however old, on which somebody may say what is to become of a stack."""
    numbers: set[int | None] = set()
    for environment in seen.at_tip.environments:
        key = seen.key(environment)
        numbers |= {claim.pull_request for claim in world.runs.claims(key)}
        numbers |= {run.pull_request for run in world.runs.held(key)}
    return {number for number in numbers if number is not None}


def _hear_comments(world: World, seen: Look, number: int, since: datetime) -> None:
    for comment in seen.forge.comments(number, since):
        if comment.author == seen.forge.login:
            continue
        world.hear(
            CommentCreated(
                repository=seen.repository.id,
                number=number,
                comment=comment.id,
                author=comment.author,
                body=comment.body,
                on_pull_request=True,
                written_at=comment.created_at,
                edited=comment.edited,
            )
        )
