"""Report the error that ended a job, and later that it is over; all jobs do it here. Shell."""

from __future__ import annotations

from functools import partial
from typing import assert_never

from gitbot.decisions.failures import (
    InAnswer,
    InAskedPlan,
    OnCommit,
    OnHead,
    OnTip,
    ends_command,
    place_of,
    words,
)
from gitbot.jobs.steps.answering import refusal_text, say_answers
from gitbot.jobs.steps.look import Ports
from gitbot.jobs.steps.proposal import leave_given
from gitbot.jobs.steps.publish import FAILED
from gitbot.jobs.steps.telling import Telling
from gitbot.model.asked_plans import PlanAnswer
from gitbot.model.commands import CommandStatus, Source
from gitbot.model.forge import Check, PullRequest
from gitbot.model.keys import JobKey, PlanPullRequest
from gitbot.model.names import Sha
from gitbot.model.said import PlannedMark
from gitbot.model.values import sha256_hex
from gitbot.render.checks import WHOLE, failure_check, works_again


def report_failure(ports: Ports, key: JobKey, error: Exception, *, final: bool) -> None:
    """Report, where people look, that the job failed and is not tried again.

    Does nothing while the job is still tried again (``final`` False). Safe to repeat.
    """
    if not final:
        return
    said = ports.engine.hide(words(error, key.id))
    set_check = partial(_set, ports, key, always=words(error, ""))
    match place_of(key):
        case OnHead(number=number, check=name):
            pull_request = ports.forges.open(key.repository).pull_request(number)
            set_check(pull_request.head, failure_check(name, said))
            if isinstance(key, PlanPullRequest) and ends_command(error):
                _put_off(ports, key, pull_request)
        case OnTip(check=name):
            set_check(ports.forges.mirror(key.repository).tip(), failure_check(name, said))
        case OnCommit(commit=commit, check=name):
            set_check(commit, failure_check(name, said))
        case InAnswer(source=source, comment=comment):
            if ends_command(error):
                _answer(ports, source, comment, said)
        case InAskedPlan(id=id_):
            ports.records.asked_plans.end(id_, PlanAnswer(error=said))
        case never:
            assert_never(never)


def end_failure(ports: Ports, key: JobKey) -> None:
    """Turn the check of the tip green that says that the job failed: now it has not.

    The check of the whole repository is ended by the job that follows the tip. Safe to repeat.
    """
    match place_of(key):
        case OnTip(check=name) if name != WHOLE:
            tip = ports.forges.mirror(key.repository).tip()
            recorded = ports.records.said.checks(key.repository, tip).get(name, "")
            if recorded.startswith(FAILED):
                _write(ports, key, tip, works_again(name), "")
        case _:
            return


def _put_off(ports: Ports, key: PlanPullRequest, pull_request: PullRequest) -> None:
    """Plan the pull request again only when it or the tip has moved, or when somebody asks.

    Otherwise every sweep would plan it again, and fail in the same way.
    """
    tip = ports.forges.mirror(key.repository).tip()
    leave = pull_request.from_fork and leave_given(ports, key.repository, pull_request)
    mark = PlannedMark(head=pull_request.head, base_ref=pull_request.base_ref, leave=leave, tip=tip)
    ports.records.pull_requests.put_planned(key.repository, key.number, mark)


def _set(ports: Ports, key: JobKey, commit: Sha, check: Check, *, always: str) -> None:
    """Set the check, unless it says so already: a job can fail at every sweep.

    ``always`` is the part of the words that is the same each time.
    """
    said = ports.records.said
    # Recorded, so that the next plan of this commit, or the next sweep, turns the check green.
    recorded = f"{FAILED}{sha256_hex(always)}"
    if said.checks(key.repository, commit).get(check.name) != recorded:
        _write(ports, key, commit, check, recorded)


def _write(ports: Ports, key: JobKey, commit: Sha, check: Check, recorded: str) -> None:
    ports.forges.open(key.repository).set_check(commit, check)
    ports.records.said.put_check(key.repository, commit, check.name, recorded)


def _answer(ports: Ports, source: Source, comment: int, said: str) -> None:
    """Close every open command of the comment, then say so."""
    telling, commands = Telling(), ports.records.commands
    waiting = [one for one in commands.of_comment(source, comment) if one.status.open]
    for command in waiting:
        text = refusal_text(command, said)
        commands.close(command.ref, CommandStatus.REFUSED, text)
    say_answers(ports, source, comment, telling)
    telling.end()
