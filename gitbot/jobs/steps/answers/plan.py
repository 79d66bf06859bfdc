"""``/plan``: plan the pull request again. Shell."""

from __future__ import annotations

from gitbot.decisions.rights import at_least
from gitbot.errors import RefusedError
from gitbot.jobs.steps.answers.request import Request
from gitbot.jobs.steps.rights import require_right
from gitbot.model.desired import Permission
from gitbot.model.keys import PlanPullRequest


def answer(request: Request) -> str:
    """Wake the plan. The answer is empty, because the plan comment is the answer.

    On a pull request from a fork, this allows the head to be planned; it takes write access.
    """
    pull_request, command = request.pull_request, request.command
    if not pull_request.open:
        raise RefusedError("this pull request is closed: there is nothing to plan")
    if pull_request.from_fork:
        _give_leave(request)
    else:
        _require_right_somewhere(request)
    request.ports.queue.enqueue(
        PlanPullRequest(
            repository=request.seen.repository.id,
            number=pull_request.number,
            reason=str(command.ref),
            command=command.ref,
        )
    )
    return ""


def _require_right_somewhere(request: Request) -> None:
    """Return when the author may plan in the environment that the command names, or else in any.

    One environment is enough, because every push plans the whole pull request, whoever made it.

    Raises:
        RefusedError: the author may plan in none of them.
    """
    refusals, command = [], request.command
    for rules in request.environments():
        try:
            return require_right(
                request.ports, request.seen, rules, "plan", command.author, command.author_id
            )
        except RefusedError as error:
            refusals.append(error)
    if refusals:
        raise refusals[0]


def _give_leave(request: Request) -> None:
    pull_request, command = request.pull_request, request.command
    if not at_least(request.seen.forge.permission(command.author), Permission.WRITE):
        raise RefusedError("to plan a commit of a fork takes write access")
    repository, head = request.seen.repository.id, pull_request.head
    records = request.ports.records.pull_requests
    known = records.fork_head(repository, pull_request.number, head)
    if known is None or known.told_at >= command.written_at:
        raise RefusedError(
            f"its newest commit {head[:8]} was pushed after the comment, or at the same time: look at "
            "that commit, then write `/plan` again"
        )
    records.give_leave(repository, pull_request.number, head, str(command.ref))
