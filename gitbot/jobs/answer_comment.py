"""The job that answers the commands of one comment. Shell."""

from __future__ import annotations

from collections.abc import Mapping

from gitbot.errors import UserError
from gitbot.jobs.answers import ANSWERS, unknown
from gitbot.jobs.report import keep_comment, slot_marker
from gitbot.jobs.world import Look, World, look
from gitbot.model.run import Command, CommandStatus
from gitbot.model.values import Json
from gitbot.render.comments import refusal_comment


def answer_comment(world: World, key: Mapping[str, Json]) -> None:
    """Answer the commands of ``{repository, number, comment}`` in the order of their lines.

    A command whose answer is words gets a comment; one that wakes another job gets a reaction and
    is answered by that job. An accepted apply stays open until then: asked for again, its job is
    woken again. What was decided is kept before it is said, so that a job that runs
    again says the same.
    """
    repository, comment = str(key["repository"]), int(str(key["comment"]))
    commands = world.runs.commands_of_comment(comment)
    if any(command.status is CommandStatus.HEARD for command in commands):
        seen = look(world, repository)
        seen.forge.react(comment, "eyes")
        for command in commands:
            if command.status is CommandStatus.HEARD:
                _decide(world, seen, command)
    for command in world.runs.commands_of_comment(comment):
        if (
            command.answer
            and world.runs.slot(repository, command.pull_request, _slot(command)) is None
        ):
            _say(world, repository, command)


def _decide(world: World, seen: Look, command: Command) -> None:
    pull_request = seen.forge.pull_request(command.pull_request)
    answer = ANSWERS.get(command.verb, unknown)
    try:
        if command.answer:
            raise UserError(command.answer)
        text = answer(world, seen, pull_request, command)
        if text is None:
            return
        status = CommandStatus.DONE
    except UserError as error:
        text, status = refusal_comment(_line(command), str(error)), CommandStatus.REFUSED
    world.runs.answer_command(command.comment, command.line, status, text or None)
    world.runs.audit(
        at=world.clock.now(),
        actor=command.author,
        action=f"command {status}",
        subject=f"{command.repository}#{command.pull_request}",
        detail={"line": _line(command), "comment": command.comment, "answer": text},
    )


def _line(command: Command) -> str:
    return " ".join(filter(None, [command.verb, command.environment, command.digest]))


def _say(world: World, repository: str, command: Command) -> None:
    forge, slot = world.forges.open(repository), _slot(command)
    if command.status is CommandStatus.REFUSED:
        forge.react(command.comment, "-1")
    marker = slot_marker(slot)
    body = f"{marker}\n{command.answer}"
    keep_comment(world, forge, repository, command.pull_request, slot, body, marker)


def _slot(command: Command) -> str:
    return f"answer:{command.comment}:{command.line}"
