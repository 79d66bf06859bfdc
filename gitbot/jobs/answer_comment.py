"""The job that answers the commands of one comment or review. Shell."""

from __future__ import annotations

from functools import partial

from gitbot.errors import UserError
from gitbot.jobs.steps.answers import ANSWERS, Request
from gitbot.jobs.steps.look import Look, Ports, look
from gitbot.jobs.steps.publish import keep_comment
from gitbot.jobs.steps.telling import Telling
from gitbot.model.commands import Command, CommandStatus, Source
from gitbot.model.keys import AnswerComment
from gitbot.model.said import Topic, TopicKind
from gitbot.render.comments import refusal_comment


def answer_comment(ports: Ports, key: AnswerComment) -> None:
    """Answer the commands of the comment in the order of their lines.

    Some commands are answered with a comment. Others wake another job; that job answers them. An
    accepted apply stays open until its job has answered, so running this job again wakes it again.
    Record each decision before saying it: if we crash in between, the next run says the same.
    """
    source = Source(key.source)
    commands = ports.records.commands.of_comment(source, key.comment)
    waiting = [command for command in commands if command.status.open]
    if waiting:
        seen = look(ports, key.repository, key.number)
        if source is Source.COMMENT:
            Telling().say("a reaction", lambda: seen.forge.react(key.comment, "eyes"))
        for command in waiting:
            _decide(ports, seen, command)
    telling = Telling()
    for command in ports.records.commands.of_comment(source, key.comment):
        if command.answer and not command.status.open:
            say = partial(_say, ports, key.repository, command)
            telling.say(f"the answer to {command.ref}", say)
    telling.end()


def _decide(ports: Ports, seen: Look, command: Command) -> None:
    try:
        text = _answer(ports, seen, command)
        if text is None:
            return
        status = CommandStatus.DONE
    except UserError as error:
        text, status = refusal_comment(command.line, str(error)), CommandStatus.REFUSED
    ports.records.commands.close(command.ref, status, text or None)
    ports.records.journal.audit(
        at=ports.clock.now(),
        actor=command.author,
        action=f"command {status}",
        subject=f"{command.repository}#{command.number}",
        detail={"line": command.line, "command": str(command.ref), "answer": text},
    )


def _answer(ports: Ports, seen: Look, command: Command) -> str | None:
    if command.answer:
        raise UserError(command.answer)
    answer = ANSWERS.get(command.verb)
    if answer is None:
        # An earlier version knew this verb, and recorded the command.
        raise UserError(f"`/{command.verb}` is not a command any more: `/help` lists them")
    written_on = seen.forge.pull_request(command.number) if command.on_pull_request else None
    return answer(Request(ports=ports, seen=seen, command=command, written_on=written_on))


def _say(ports: Ports, repository: str, command: Command) -> None:
    topic = Topic(kind=TopicKind.ANSWER, subject=str(command.ref))
    if ports.records.said.comment(repository, command.number, topic) is not None:
        return
    forge, ref = ports.forges.open(repository), command.ref
    if command.status is CommandStatus.REFUSED and ref.source is Source.COMMENT:
        Telling().say("a reaction", lambda: forge.react(ref.comment, "-1"))
    keep_comment(ports, forge, repository, command.number, topic, command.answer or "")
