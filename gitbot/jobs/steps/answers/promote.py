"""``/promote``: go on with what is held, waive the soak, or make the branch anew. Shell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from gitbot.decisions.promotion.commands import approve, chosen, one_pull_request, rebuild, resume
from gitbot.decisions.promotion.instances import hash_of as wanted_hash
from gitbot.errors import TransientError, UserError
from gitbot.jobs.steps.answers.request import Request
from gitbot.jobs.steps.promotion.ends import follow_ends
from gitbot.jobs.steps.promotion.origins import makers_of, origins_of
from gitbot.jobs.steps.promotion.outlook import outlooks
from gitbot.jobs.steps.promotion.world import read_world
from gitbot.jobs.steps.rights import require_right
from gitbot.model.keys import Promote
from gitbot.model.promotion import PromotionRow
from gitbot.render.comments import command_answer
from gitbot.render.promotion_answers import Outlook, approved, rebuilt, resumed


def answer(request: Request) -> str:
    """Change the rows, and wake the promotion. Safe to run again after a crash."""
    ports, seen, command = request.ports, request.seen, request.command
    rows = chosen(_candidates(request), command.environment, command.stack)
    for name in sorted({row.target.environment for row in rows}):
        rules = seen.rules(name)
        require_right(ports, seen, rules, "promote", command.author, command.author_id)
    form = command.arguments["form"]
    changed = _changed(request, form, rows)
    for row in changed:
        if form == "rebuild" and row.live is not None:
            _take_over(request, row.live.branch)
        ports.records.promotions.put(row)
    outcome = _outcome(request, form, changed)
    for name in sorted({row.target.environment for row in changed}):
        ports.queue.enqueue(
            Promote(
                repository=seen.repository.id, environment=name, reason=f"command:{command.ref}"
            )
        )
    return command_answer(command.author, f"promote {form}", outcome)


def _outcome(request: Request, form: str, rows: tuple[PromotionRow, ...]) -> str:
    """What people are told. The rows are changed, so an error here must not end the command."""
    if form == "approve":
        return approved(rows)
    try:
        said = outlooks(request.ports, request.seen.repository.id, rows)
    except (TransientError, UserError):
        said = [Outlook(row=row, waits="it is looked at once more") for row in rows]
    return rebuilt(said) if form == "rebuild" else resumed(said)


def _candidates(request: Request) -> tuple[PromotionRow, ...]:
    """The rows of the environment that is named, else those of the pull request."""
    ports, seen, command = request.ports, request.seen, request.command
    named = command.environment
    rows = ports.records.promotions.of_pull_request(seen.repository.id, command.number)
    targets = {row.target.environment for row in rows} if named is None else {named}
    found: list[PromotionRow] = []
    for name in sorted(targets):
        world = read_world(ports, seen, seen.rules(name))
        # The command may be heard before the job that records the end of a pull request.
        follow_ends(world)
        found += [row for row in world.rows.values() if named or row.stack in _stacks(rows)]
    return tuple(found)


def _stacks(rows: Iterable[PromotionRow]) -> frozenset[str]:
    return frozenset(row.stack for row in rows)


def _changed(
    request: Request, form: str, rows: tuple[PromotionRow, ...]
) -> tuple[PromotionRow, ...]:
    author = request.command.author
    if form == "resume":
        return resume(rows, request.command.stack)
    rows = one_pull_request(rows, form, request.command.environment, request.command.stack)
    if form == "rebuild":
        return rebuild(rows, author)

    def hash_of(row: PromotionRow) -> str | None:
        return wanted_hash(request.seen.wanted(row.source).stacks, row.stack)

    def made(row: PromotionRow) -> tuple[Mapping[str, str], str]:
        world = read_world(request.ports, request.seen, request.seen.rules(row.target.environment))
        return makers_of(world, [origins_of(world, row)])

    return approve(rows, author, made, hash_of)


def _take_over(request: Request, branch: str) -> None:
    """Take what stands on the branch now for ours, so that it is written to once more."""
    proposals, repository = request.ports.records.proposals, request.seen.repository.id
    own = proposals.of_branch(repository, branch)
    at = request.seen.forge.branch(branch)
    if own is not None and at is not None:
        proposals.put(replace(own, head=at))
