"""``/drift adopt``: write what the cloud has into the spec file, by a pull request. Shell."""

from __future__ import annotations

from gitbot.jobs.steps.acceptance import accept, again
from gitbot.jobs.steps.answers.request import Request
from gitbot.jobs.steps.conversation import stack_of
from gitbot.jobs.steps.drift.rows import drift_here
from gitbot.jobs.steps.rights import require_right
from gitbot.model.commands import Accepted, AppliesWhat
from gitbot.model.keys import AdoptDrift


def answer(request: Request) -> None:
    """Accept the command and wake the job that answers it.

    A command that was accepted before only wakes its job again.
    """
    ports, seen, command = request.ports, request.seen, request.command
    accepted = command.accepted
    if accepted is None:
        stack = stack_of(ports, seen, command)
        rules = seen.rules(stack.environment)
        require_right(ports, seen, rules, "drift", command.author, command.author_id)
        drift_here(ports, seen, stack, command.number)
        accepted = Accepted(what=AppliesWhat.DRIFT, environment=rules.name, stack=stack.name)
        accept(ports, command, accepted)
    ports.queue.enqueue(
        AdoptDrift(
            repository=seen.repository.id,
            environment=accepted.environment,
            stack=accepted.stack or "",
            number=command.number,
            command=command.ref,
            again=again(ports, command),
        )
    )
