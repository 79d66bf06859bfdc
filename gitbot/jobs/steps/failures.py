"""Report the error that ended a job. All jobs report their errors here. Shell."""

from __future__ import annotations

from functools import partial
from typing import assert_never

from gitbot.decisions.failures import (
    InAnswer,
    OnCommit,
    OnHead,
    OnTip,
    ends_command,
    place_of,
    words,
)
from gitbot.jobs.steps.look import Ports
from gitbot.jobs.steps.publish import FAILED, keep_comment
from gitbot.jobs.steps.telling import Telling
from gitbot.model.commands import Command, CommandStatus, Source
from gitbot.model.forge import Check
from gitbot.model.keys import JobKey
from gitbot.model.names import Sha
from gitbot.model.said import Topic, TopicKind
from gitbot.model.values import sha256_hex
from gitbot.render.checks import failure_check
from gitbot.render.comments import refusal_comment


def report_failure(ports: Ports, key: JobKey, error: Exception, *, final: bool) -> None:
    """Report, where people look, that the job failed and is not tried again.

    Does nothing while the job is still tried again (``final`` False). Safe to repeat.
    """
    if not final:
        return
    said = ports.engine.hide(words(error, key.id))
    match place_of(key):
        case OnHead(number=number, check=name):
            forge = ports.forges.open(key.repository)
            _set(ports, key, forge.pull_request(number).head, failure_check(name, said))
        case OnTip(check=name):
            _set(ports, key, ports.forges.mirror(key.repository).tip(), failure_check(name, said))
        case OnCommit(commit=commit, check=name):
            _set(ports, key, commit, failure_check(name, said))
        case InAnswer(source=source, comment=comment):
            if ends_command(error):
                _answer(ports, source, comment, said)
        case never:
            assert_never(never)


def _set(ports: Ports, key: JobKey, commit: Sha, check: Check) -> None:
    """Set the check, unless it says so already: a job can fail at every sweep."""
    said = ports.records.said
    # Recorded, so that the next plan of this commit, or the next sweep, turns the check green.
    recorded = f"{FAILED}{sha256_hex(check.title + check.summary)}"
    if said.checks(key.repository, commit).get(check.name) != recorded:
        ports.forges.open(key.repository).set_check(commit, check)
        said.put_check(key.repository, commit, check.name, recorded)


def _answer(ports: Ports, source: Source, comment: int, said: str) -> None:
    """Close every open command of the comment, then say so."""
    telling, commands = Telling(), ports.records.commands
    waiting = [one for one in commands.of_comment(source, comment) if one.status.open]
    for command in waiting:
        text = refusal_comment(command.line, said)
        commands.close(command.ref, CommandStatus.REFUSED, text)
    for command in waiting:
        telling.say(f"the answer to {command.ref}", partial(_say, ports, command, said))
    telling.end()


def _say(ports: Ports, command: Command, said: str) -> None:
    text, repository = refusal_comment(command.line, said), command.repository
    topic = Topic(kind=TopicKind.ANSWER, subject=str(command.ref))
    forge = ports.forges.open(repository)
    keep_comment(ports, forge, repository, command.number, topic, text)
