"""Answer all commands of a text in one comment. Shell."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from itertools import groupby

from gitbot.errors import ConversationClosedError
from gitbot.jobs.steps.look import Ports
from gitbot.jobs.steps.publish import keep_comment
from gitbot.jobs.steps.telling import Telling
from gitbot.model.commands import Command, CommandRef, CommandStatus, Source
from gitbot.model.forge import NewIssue, Written
from gitbot.model.said import Topic, TopicKind, issue_topic
from gitbot.ports.forge import Forge
from gitbot.render.comments import command_answer, locked_issue, refusal_comment


def say_answers(ports: Ports, source: Source, comment: int, telling: Telling) -> None:
    """Say the answers to the commands of the comment, in one comment for each of its texts.

    Who asked the server itself reads the answer there.
    """
    if source is Source.API:
        return
    commands = ports.records.commands.of_comment(source, comment)
    for _, text in groupby(commands, key=lambda command: command.ref.text_at):
        answered = [command for command in text if _is_to_say(ports, command)]
        if answered:
            say = partial(_say, ports, answered)
            telling.say(f"the answer to {answered[0].ref}", say)


def _is_to_say(ports: Ports, command: Command) -> bool:
    """Whether the command has an answer that was not said yet, or only together with others.

    Earlier versions answered each command in a comment of its own.
    """
    if not command.answer or command.status.open:
        return False
    alone = Topic(kind=TopicKind.ANSWER, subject=str(command.ref))
    said = ports.records.said.comment(command.repository, command.number, alone)
    return said is None


def _say(ports: Ports, answered: Iterable[Command]) -> None:
    first, *_ = commands = tuple(answered)
    forge = ports.forges.open(first.repository)
    if first.ref.source is Source.COMMENT and any(
        command.status is CommandStatus.REFUSED for command in commands
    ):
        Telling().say("a reaction", partial(forge.react, first.ref.comment, "-1"))
    topic = Topic(kind=TopicKind.ANSWER, subject=text_name(first.ref))
    body = "\n\n".join(command.answer or "" for command in commands)
    _keep(ports, forge, first, topic, body)


def _keep(ports: Ports, forge: Forge, command: Command, topic: Topic, body: str) -> None:
    """Answer where the command stands, or in an issue of its own where nothing can be written."""
    repository, number = command.repository, command.number
    try:
        keep_comment(ports, forge, repository, number, topic, body)
    except ConversationClosedError:
        keep_comment(ports, forge, repository, _issue(forge, repository, number), topic, body)


def _issue(forge: Forge, repository: str, number: int) -> int:
    """The issue with the answers to commands on a locked conversation; made when there is none.

    Raises:
        ConversationClosedError: issues are switched off.
    """
    topic = issue_topic(TopicKind.ANSWER, repository, f":locked:{number}")
    for found in forge.find_own_issues(topic.marker):
        return found.number
    title, text = locked_issue(number)
    return forge.create_issue(NewIssue(title=title, body=f"{topic.marker}\n{text}")).number


def refusal_text(command: Command, why: str) -> str:
    """The answer that refuses the command, as whoever gave it reads it."""
    return why if command.ref.source is Source.API else refusal_comment(command.line, why)


def text_name(ref: CommandRef) -> str:
    """The name of the text that the command stands in: all its commands are answered together."""
    return str(ref).rpartition(":")[0]


def answer_plan(ports: Ports, ref: CommandRef | None, written: Written | None) -> None:
    """Answer ``/plan`` where the plan comment (``written``) says nothing new. Safe to repeat."""
    command = None if ref is None else ports.records.commands.get(ref)
    if command is None or (written is not None and written.new):
        return
    words = (
        "this pull request changes no spec, so there is nothing to plan."
        if written is None
        else "planned again, and nothing has changed: the plan comment holds."
    )
    topic = Topic(kind=TopicKind.ANSWER, subject=f"{command.ref}:plan")
    forge, body = (
        ports.forges.open(command.repository),
        command_answer(command.author, "plan", words),
    )
    say = partial(_keep, ports, forge, command, topic, body)
    telling = Telling()
    telling.say(f"the answer to {command.ref}", say)
    telling.end()
