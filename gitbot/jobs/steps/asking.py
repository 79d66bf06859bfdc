"""Take what people ask the server itself for: plans of commits, and applies. Shell."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from gitbot.decisions.apply_report import ReportedRun, runs_to_report
from gitbot.decisions.asked_applies import (
    Standing,
    newest_of_each,
    not_offered,
    same_request,
    standing,
)
from gitbot.decisions.claims import refuse_taken, standing_in_the_way
from gitbot.decisions.digests import named_digest
from gitbot.errors import RefusedError, StaleError, UserError
from gitbot.jobs.steps.acceptance import audit_decision
from gitbot.jobs.steps.first_applies import newest_applies, stacks_with
from gitbot.jobs.steps.look import Look, Ports, look_at_tip
from gitbot.jobs.steps.rights import require_right
from gitbot.model.asked_plans import AskedPlan
from gitbot.model.commands import AppliesWhat, Command, CommandRef, CommandStatus, Source
from gitbot.model.desired import Environment
from gitbot.model.keys import AnswerComment, PlanCommit
from gitbot.model.names import Sha
from gitbot.model.said import ShownDigest

UNANSWERED_S = 60.0
"""A plan without an answer for this long may have lost its job."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks: the login and the id of the account on GitHub."""

    login: str
    account: int


def ask_plan(
    ports: Ports,
    asker: Asker,
    repository: str,
    environment: str,
    commit: Sha,
    stacks: Sequence[str],
) -> AskedPlan:
    """Record the plan that is asked for, and wake its job.

    Raises:
        RefusedError: the right to plan there is missing.
        UserError: there is no such environment.
    """
    seen = look_at_tip(ports, repository)
    rules = seen.rules(environment)
    require_right(ports, seen, rules, "plan", asker.login, asker.account)
    asked = AskedPlan(
        id=secrets.token_hex(16),
        repository=repository,
        environment=environment,
        commit=commit,
        stacks=tuple(stacks),
        asked_by=asker.login,
        account=asker.account,
        asked_at=ports.clock.now(),
    )
    ports.records.asked_plans.ask(asked)
    wake_plan(ports, asked)
    return asked


def wake_plan(ports: Ports, asked: AskedPlan) -> None:
    """Wake the job of a plan that has no answer; again each ``UNANSWERED_S``, since it may be lost.

    A server of another version cancels the jobs that its forerunner left (docs/adr/0012). Whoever
    waits for the plan asks how far it is, and so has it made.
    """
    times = int((ports.clock.now() - asked.asked_at).total_seconds() // UNANSWERED_S)
    ports.queue.enqueue(
        PlanCommit(
            repository=asked.repository,
            reason=asked.id,
            login=asked.asked_by,
            again=str(times) if times > 0 else "",
        )
    )


def ask_apply(
    ports: Ports, asker: Asker, repository: str, environment: str, number: int, digest: str
) -> Command:
    """Record ``/apply <environment> <digest>`` on the pull request, and wake the job that answers it.

    What can be said without work is checked here; the job checks all of it again. Who asks for the
    same once more, while it is open, gets the same command.

    Raises:
        RefusedError: the right to apply there is missing.
        StaleError: the pull request does not show this plan now, or another one holds the stack.
        UserError: there is no such environment or pull request.
    """
    seen = look_at_tip(ports, repository)
    rules = seen.rules(environment)
    command = _command(ports, asker, repository, environment, number, digest)
    with _auditing_refusal(ports, command):
        require_right(ports, seen, rules, "apply", asker.login, asker.account)
        waiting = ports.records.commands.open(repository)
        same = same_request(waiting, asker.login, number, environment, digest)
        shown = _shown(ports, repository, rules, number)
        if same is None:
            try:
                _check_shown(ports, seen, rules, command, shown)
            except RefusedError as error:
                raise StaleError(str(error)) from error
            ports.records.commands.hear(command)
    command = same or command
    # Also for one that is heard: the process that heard it may have died before it came here.
    ports.queue.enqueue(
        AnswerComment(
            repository=repository, number=number, source=Source.API, comment=command.ref.comment
        )
    )
    return command


def apply_of(ports: Ports, repository: str, environment: str, id_: int) -> Command | None:
    """The command that ``ask_apply`` made with this id; None when there is none there."""
    found = ports.records.commands.of_comment(Source.API, id_)
    there = [each for each in found if each.repository == repository]
    return next((each for each in there if each.environment == environment), None)


def stands(ports: Ports, command: Command) -> tuple[Standing, tuple[ReportedRun, ...]]:
    """How the apply stands, and its runs, as its end is told on the pull request."""
    runs = ports.records.runs.of_command(command.ref)
    accepted = command.accepted
    if accepted is not None and accepted.what is AppliesWhat.TIP:
        released = [ports.records.runs.get(each) for each in accepted.runs]
        stacks = [each.stack for each in released if each is not None]
        runs = tuple(newest_applies(ports, stacks))
    return standing(command, newest_of_each(runs)), runs_to_report(runs)


@contextmanager
def _auditing_refusal(ports: Ports, command: Command) -> Iterator[None]:
    """Write a refusal of the body into the audit, as the job does that answers the command."""
    try:
        yield
    except (RefusedError, StaleError) as error:
        audit_decision(ports, command, CommandStatus.REFUSED, str(error))
        raise


def _command(
    ports: Ports, asker: Asker, repository: str, environment: str, number: int, digest: str
) -> Command:
    # As GitHub does, in whole seconds: the time is compared with those of its comments.
    at = ports.forges.now().replace(microsecond=0)
    id_ = secrets.randbits(62)
    return Command(
        ref=CommandRef(source=Source.API, comment=id_, text_at=at, line=0),
        repository=repository,
        number=number,
        author=asker.login,
        author_id=asker.account,
        verb="apply",
        arguments={"environment": environment, "digest": digest},
        written_at=at,
    )


def _shown(
    ports: Ports, repository: str, rules: Environment, number: int
) -> tuple[ShownDigest, ...]:
    """The digests that the pull request has shown of the environment.

    Raises:
        UserError: there are none.
    """
    shown = ports.records.pull_requests.shown_digests(repository, number)
    found = tuple(each for each in shown if each.stack.environment == rules.name)
    if not found:
        raise UserError(f"no pull request #{number} shows a plan of {rules.name}")
    return found


def _check_shown(
    ports: Ports,
    seen: Look,
    rules: Environment,
    command: Command,
    shown: Sequence[ShownDigest],
) -> None:
    """Return when the pull request shows the plan now, and no other one holds its stack.

    Raises:
        RefusedError: it does not, or another one does.
    """
    named, number, key = named_digest(command, shown), command.number, seen.key(rules.name)
    stacks = stacks_with(shown, named)
    newest = [ports.records.runs.shown_plan(each, number) for each in stacks]
    offered = {run.digest for run in (*newest, *ports.records.runs.held(key)) if run is not None}
    if named not in offered:
        applies = newest_applies(ports, stacks)
        raise RefusedError(not_offered(number, named, [each.label for each in stacks], applies))
    claims = ports.records.claims.of_environment(key)
    refuse_taken(standing_in_the_way(claims, stacks, number))
