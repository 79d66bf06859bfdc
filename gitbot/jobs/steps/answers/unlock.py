"""``/unlock``: release stacks that the pull request holds. Shell."""

from __future__ import annotations

from gitbot.decisions.apply_command import released
from gitbot.decisions.claims import refuse_while_applying
from gitbot.jobs.steps.answers.request import Request
from gitbot.jobs.steps.rights import require_right
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
    names = ", ".join(f"`{claim.stack.label}`" for claim in chosen)
    return command_answer(
        command.author,
        "unlock",
        f"released {names}. What was applied from here stays in the cloud until the tracked branch "
        "is next applied to it.",
    )
