"""``/drift apply``: put back what differs, and nothing else. Shell."""

from __future__ import annotations

from gitbot.decisions.drift.commands import bound_digest
from gitbot.errors import RefusedError
from gitbot.jobs.steps.acceptance import accept, again
from gitbot.jobs.steps.answers.request import Request
from gitbot.jobs.steps.conversation import stack_of
from gitbot.jobs.steps.drift.rows import drift_here
from gitbot.jobs.steps.obstacles import may_now
from gitbot.jobs.steps.rights import require_right
from gitbot.model.commands import Accepted, AppliesWhat
from gitbot.model.freeze import Act
from gitbot.model.keys import ApplyDrift


def answer(request: Request) -> None:
    """Accept the command, bound to the drift or plan that was shown, and wake its job.

    A command that was accepted before only wakes its job again.
    """
    accepted = request.command.accepted
    if accepted is None:
        accepted = _accept(request)
        accept(request.ports, request.command, accepted)
    request.ports.queue.enqueue(
        ApplyDrift(
            repository=request.seen.repository.id,
            environment=accepted.environment,
            number=request.command.number,
            command=request.command.ref,
            again=again(request.ports, request.command),
        )
    )


def _accept(request: Request) -> Accepted:
    ports, seen, command = request.ports, request.seen, request.command
    stack = stack_of(ports, seen, command)
    rules = seen.rules(stack.environment)
    require_right(ports, seen, rules, "drift", command.author, command.author_id)
    row = drift_here(ports, seen, stack, command.number)
    shown = ports.records.pull_requests.shown_digests(seen.repository.id, command.number)
    digest = bound_digest(command, row, shown)
    # Whoever holds the lease now keeps the job waiting, and the command from nothing.
    verdict = may_now(ports, seen, rules, stack, Act.APPLY, leased=True)
    if not verdict.allowed:
        raise RefusedError(f"`{stack.label}` is not changed now: {verdict.why}")
    return Accepted(what=AppliesWhat.DRIFT, environment=rules.name, digest=digest, stack=stack.name)
