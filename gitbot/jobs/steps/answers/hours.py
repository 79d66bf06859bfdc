"""``/wake`` and ``/sleep``: start or stop the machines of a stack, whatever their schedule says. Shell."""

from __future__ import annotations

from gitbot.decisions.hours.commands import asked, words_of
from gitbot.errors import RefusedError
from gitbot.jobs.steps.answers.request import Request
from gitbot.jobs.steps.conversation import stack_of
from gitbot.jobs.steps.hours.machines import read_machines
from gitbot.jobs.steps.obstacles import may_now
from gitbot.jobs.steps.rights import require_right
from gitbot.model.cloud import Power
from gitbot.model.freeze import Act
from gitbot.model.keys import KeepHours
from gitbot.render.comments import command_answer


def wake(request: Request) -> str:
    """Record that the machines of the stack run for a while; the job of the environment starts them."""
    return _answer(request, "wake", Power.RUNNING, Act.WAKE)


def sleep(request: Request) -> str:
    """Record that the machines of the stack sleep for a while; the job of the environment stops
    them."""
    return _answer(request, "sleep", Power.STOPPED, Act.OFFHOURS)


def _answer(request: Request, verb: str, power: Power, act: Act) -> str:
    ports, seen, command = request.ports, request.seen, request.command
    stack = stack_of(ports, seen, command)
    rules = seen.rules(stack.environment)
    require_right(ports, seen, rules, verb, command.author, command.author_id)
    now = ports.engine.calendar.now()
    found = read_machines(ports, seen, rules, now)
    tables = [
        one.table
        for each in found
        if each.stack == stack
        for one in each.watched
        if one.table is not None and not one.table.schedule.opted_out
    ]
    wanted = asked(power, tables, command.arguments.get("duration"), command.author, now)
    # An apply that runs now only delays it: the job waits for the lease.
    verdict = may_now(ports, seen, rules, stack, act, leased=True)
    if not verdict.allowed:
        raise RefusedError(f"`{stack.label}` cannot be changed now: {verdict.why}")
    ports.records.hours.put_command(stack, wanted)
    request.later.append(
        KeepHours(
            repository=seen.repository.id,
            environment=stack.environment,
            reason=f"command:{command.ref}",
        )
    )
    return command_answer(command.author, f"{verb} {stack.label}", words_of(wanted, tables))
