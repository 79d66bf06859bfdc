"""``/unlock``: release stacks that the pull request holds. Shell."""

from __future__ import annotations

from collections.abc import Sequence

from gitbot.decisions.apply_command import released
from gitbot.decisions.claims import refuse_while_applying
from gitbot.jobs.steps.agreements import reviews
from gitbot.jobs.steps.answers.request import Request
from gitbot.jobs.steps.merges import merged_into_tip
from gitbot.jobs.steps.rights import require_right
from gitbot.jobs.steps.wake import wake_stale
from gitbot.model.keys import ApplyEnvironment
from gitbot.model.runs import Claim
from gitbot.render.comments import command_answer


def answer(request: Request) -> str:
    """Release the claims; the answer lists them. Leases are never touched."""
    seen, command, claims = request.seen, request.command, request.ports.records.claims
    number = request.pull_request.number
    chosen = released(claims.of_pull_request(seen.repository.id, number), command)
    refuse_while_applying(chosen, request.ports.records.commands.open(seen.repository.id))
    for environment in sorted({claim.stack.environment for claim in chosen}):
        rules = seen.rules(environment)
        require_right(request.ports, seen, rules, "unlock", command.author, command.author_id)
    claims.release([claim.stack for claim in chosen])
    _wake_waiting(request, chosen)
    names = ", ".join(f"`{claim.stack.label}`" for claim in chosen)
    return command_answer(
        command.author,
        "unlock",
        f"released {names}. What was applied from here stays in the cloud until the tracked branch "
        "is next applied to it.",
    )


def _wake_waiting(request: Request, chosen: Sequence[Claim]) -> None:
    """Wake what the claims kept waiting: applies of merged pull requests, and plans of others."""
    ports, seen = request.ports, request.seen
    merged = merged_into_tip(ports, seen)
    waiting = {
        claim.stack.environment
        for claim in chosen
        if reviews(ports, seen, merged, claim.stack, ports.engine.state.read(claim.stack))
    }
    for environment in sorted(waiting):
        ports.queue.enqueue(
            ApplyEnvironment(
                repository=seen.repository.id,
                environment=environment,
                tip=seen.tip,
                why=f"unlocked:{request.command.ref}",
            )
        )
    wake_stale(ports, seen)
