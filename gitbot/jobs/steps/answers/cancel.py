"""``/cancel``: withdraw applies that are held or wait, so that the tip is not applied for now. Shell."""

from __future__ import annotations

from collections.abc import Collection

from gitbot.decisions.claims import never_used
from gitbot.decisions.freeze.waiting import choose_environment, to_withdraw
from gitbot.errors import RefusedError
from gitbot.jobs.steps.answering import say_answers
from gitbot.jobs.steps.answers.request import Request
from gitbot.jobs.steps.conversation import stacks_here
from gitbot.jobs.steps.frozen_applies import wanted_hash
from gitbot.jobs.steps.rights import require_right
from gitbot.jobs.steps.runs import Occasion, open_run, supersede
from gitbot.jobs.steps.telling import Telling
from gitbot.model.commands import AppliesWhat, Command, CommandStatus
from gitbot.model.desired import Environment
from gitbot.model.freeze import Withdrawal
from gitbot.model.keys import ApplyEnvironment
from gitbot.model.names import StackId
from gitbot.model.runs import RunKind, RunStatus
from gitbot.render.comments import command_answer, refusal_comment


def answer(request: Request) -> str:
    """Withdraw what is held, what waits for a freeze to end, and what waits in the queue.

    What runs already is not stopped. Safe to run again after a crash.
    """
    seen, command, records = request.seen, request.command, request.ports.records
    here = {stack.environment for stack in stacks_here(request.ports, seen, command.number)}
    name = choose_environment(command, here or seen.at_tip.environments.keys())
    rules = seen.rules(name)
    require_right(request.ports, seen, rules, "cancel", command.author, command.author_id)
    key = seen.key(name)
    held = [run for run in records.runs.held(key) if command.stack in (None, run.stack.name)]
    # A process that died here has withdrawn some already.
    before = [
        each.stack for each in records.freezes.withdrawn(key) if each.command == str(command.ref)
    ]
    stacks = to_withdraw(command, records.runs.held(key), records.freezes.waiting(key), before)
    asked = _withdraw_commands(request, rules)
    if not stacks and not asked:
        raise RefusedError(f"no apply of {_place(command, name)} is held or waits")
    _withdraw(request, stacks)
    supersede(request.ports, held)
    labels = [f"`{stack.label}`" for stack in sorted(stacks)]
    labels += [f"the `/apply` by {each.author} on #{each.number}" for each in asked]
    return command_answer(
        command.author,
        f"cancel {_place(command, name)}",
        f"withdrawn: {', '.join(labels)}. Nothing was changed in the cloud. `/apply` on the pull request "
        "applies it all the same, and so does the next change of the stack",
    )


def _withdraw(request: Request, stacks: Collection[StackId]) -> None:
    ports, seen, command = request.ports, request.seen, request.command
    for stack in sorted(stacks):
        ports.records.freezes.withdraw(
            Withdrawal(
                stack=stack,
                desired_hash=wanted_hash(seen, stack),
                by=command.author,
                at=ports.clock.now(),
                number=command.number,
                command=str(command.ref),
            )
        )
        _end_release(request, stack)
    ports.records.freezes.end_waiting(stacks)
    for environment in sorted({stack.environment for stack in stacks}):
        # Its check says from now on that the apply was withdrawn, and no longer that it waits.
        request.later.append(
            ApplyEnvironment(
                repository=seen.repository.id,
                environment=environment,
                tip=seen.tip,
                why=f"withdrawn:{command.ref}",
            )
        )


def _end_release(request: Request, stack: StackId) -> None:
    """Let a release of the stack that waits not count any more, also not after a later ``/apply``."""
    ports, runs = request.ports, request.ports.records.runs
    newest = next(iter(runs.of_stack(stack, RunKind.APPLY, limit=1)), None)
    if newest is not None and newest.status is RunStatus.RELEASED:
        occasion = Occasion(
            tip=request.seen.tip,
            pull_request=newest.pull_request,
            actor=request.command.author,
            epoch=newest.epoch or 0,
        )
        # A release counts only while it is the newest run of its stack.
        open_run(ports, runs.plan(newest.id), occasion, RunStatus.SUPERSEDED, "withdrawn")


def _withdraw_commands(request: Request, rules: Environment) -> tuple[Command, ...]:
    """Close each ``/apply`` of an open pull request that waits in the queue and has not begun."""
    ports, seen, command = request.ports, request.seen, request.command
    found = []
    for each in ports.records.commands.open(seen.repository.id):
        accepted = each.accepted
        if accepted is None or accepted.what is not AppliesWhat.PULL_REQUEST:
            continue
        if accepted.environment != rules.name or not _covers(request, rules, each):
            continue
        if ports.records.runs.of_command(each.ref):
            continue
        text = f"{command.author} withdrew it on #{command.number} before it began"
        ports.records.commands.close(
            each.ref, CommandStatus.REFUSED, refusal_comment(each.line, text)
        )
        _give_back(request, rules, each)
        # What GitHub does not take now is not said again: the answer to `/cancel` says it too.
        say_answers(ports, each.ref.source, each.ref.comment, Telling())
        found.append(each)
    return tuple(found)


def _covers(request: Request, rules: Environment, other: Command) -> bool:
    """Whether ``/cancel`` names everything that the other command would apply.

    A command without a stack is for all stacks that its pull request has claimed.
    """
    if request.command.stack is None or other.stack is not None:
        return request.command.stack in (None, other.stack)
    claims = request.ports.records.claims.of_pull_request(other.repository, other.number)
    claimed = {each.stack.name for each in claims if each.stack.environment == rules.name}
    return claimed <= {request.command.stack}


def _give_back(request: Request, rules: Environment, withdrawn: Command) -> None:
    records, repository = request.ports.records, request.seen.repository.id
    claims = records.claims.of_pull_request(repository, withdrawn.number)
    applied = records.runs.applied_by(repository, withdrawn.number)
    records.claims.release(never_used(claims, rules.name, applied))


def _place(command: Command, environment: str) -> str:
    return f"{environment}/{command.stack}" if command.stack else environment
