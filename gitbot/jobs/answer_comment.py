"""The job that answers the commands of one comment. Shell."""

from __future__ import annotations

from collections.abc import Mapping

from gitbot.errors import UserError
from gitbot.jobs.answers import ANSWERS, unknown
from gitbot.jobs.report import keep_comment, slot_marker
from gitbot.jobs.world import World, look
from gitbot.model.run import Command, CommandStatus
from gitbot.model.values import Json
from gitbot.render.comments import refusal_comment


def answer_comment(world: World, key: Mapping[str, Json]) -> None:
    """Answer the open commands of ``{repository, number, comment}`` in the order of their lines.

    A command whose answer is words gets a comment; one that wakes another job gets a reaction and
    is answered by that job.
    """
    repository, comment = str(key["repository"]), int(str(key["comment"]))
    commands = [
        command
        for command in world.runs.commands_of_comment(comment)
        if command.status is CommandStatus.HEARD
    ]
    if not commands:
        return
    seen = look(world, repository)
    seen.forge.react(comment, "eyes")
    for command in commands:
        pull_request = seen.forge.pull_request(command.pull_request)
        answer = ANSWERS.get(command.verb, unknown)
        try:
            if command.answer:
                raise UserError(command.answer)
            text = answer(world, seen, pull_request, command)
            status = CommandStatus.DONE
        except UserError as error:
            seen.forge.react(comment, "-1")
            text, status = refusal_comment(_line(command), str(error)), CommandStatus.REFUSED
        if text:
            _write(world, repository, command, text)
        world.runs.answer_command(command.comment, command.line, status, text or None)
        world.runs.audit(
            at=world.clock.now(),
            actor=command.author,
            action=f"command {status}",
            subject=f"{repository}#{command.pull_request}",
            detail={"line": _line(command), "comment": comment, "answer": text},
        )


def _line(command: Command) -> str:
    return " ".join(filter(None, [command.verb, command.environment, command.digest]))


def _write(world: World, repository: str, command: Command, text: str) -> None:
    slot = f"answer:{command.comment}:{command.line}"
    marker = slot_marker(slot)
    keep_comment(
        world,
        world.forges.open(repository),
        repository,
        command.pull_request,
        slot,
        f"{marker}\n{text}",
        marker,
    )
