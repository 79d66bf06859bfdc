"""The job that answers the commands of one comment or review. Shell."""

from __future__ import annotations

from gitbot.decisions.commands.order import up_to
from gitbot.errors import UserError
from gitbot.jobs.steps.acceptance import audit_decision
from gitbot.jobs.steps.answering import refusal_text, say_answers
from gitbot.jobs.steps.answers import ANSWERS, Request
from gitbot.jobs.steps.look import Look, Ports, look
from gitbot.jobs.steps.shown_plans import settle_shown
from gitbot.jobs.steps.telling import Telling
from gitbot.model.commands import Command, CommandStatus, Source
from gitbot.model.keys import AnswerComment, JobKey


def answer_comment(ports: Ports, key: AnswerComment) -> None:
    """Answer the commands of the comment in the order of their lines.

    Comments that were written before it on the same conversation are answered first, because GitHub
    may deliver them later. Some commands are answered with a comment. Others wake another job; that job answers them. An
    accepted apply stays open until its job has answered, so running this job again wakes it again.
    Record each decision before saying it: if we crash in between, the next run says the same.
    """
    heard = [
        command
        for command in ports.records.commands.open(key.repository)
        if command.number == key.number and command.status is CommandStatus.HEARD
    ]
    for source, comment in up_to(heard, Source(key.source), key.comment):
        _answer_all(ports, key, source, comment)


def _answer_all(ports: Ports, key: AnswerComment, source: Source, comment: int) -> None:
    commands = ports.records.commands.of_comment(source, comment)
    waiting = [command for command in commands if command.status.open]
    if waiting:
        seen = look(ports, key.repository, key.number)
        settle_shown(ports, seen.forge, key.repository, [key.number])
        if source is Source.COMMENT:
            Telling().say("a reaction", lambda: seen.forge.react(comment, "eyes"))
        # Wake the jobs when all lines are decided: lines for one environment share one job.
        later: list[JobKey] = []
        for command in waiting:
            _decide(ports, seen, command, later)
        for job in later:
            ports.queue.enqueue(job)
    telling = Telling()
    say_answers(ports, source, comment, telling)
    telling.end()


def _decide(ports: Ports, seen: Look, command: Command, later: list[JobKey]) -> None:
    try:
        text = _answer(ports, seen, command, later)
        if text is None:
            return
        status = CommandStatus.DONE
    except UserError as error:
        text, status = refusal_text(command, str(error)), CommandStatus.REFUSED
    ports.records.commands.close(command.ref, status, text or None)
    audit_decision(ports, command, status, text)


def _answer(ports: Ports, seen: Look, command: Command, later: list[JobKey]) -> str | None:
    if command.answer:
        raise UserError(command.answer)
    answer = ANSWERS.get(command.verb)
    if answer is None:
        # An earlier version knew this verb, and recorded the command.
        raise UserError(f"`/{command.verb}` is not a command any more: `/help` lists them")
    written_on = seen.forge.pull_request(command.number) if command.on_pull_request else None
    return answer(
        Request(ports=ports, seen=seen, command=command, written_on=written_on, later=later)
    )
