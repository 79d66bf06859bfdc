"""Decides what is answered to somebody who asks a server for the plan of a commit. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gitbot.errors import RefusedError, UserError
from gitbot.model.desired import Environment
from gitbot.model.forge import PullRequest
from gitbot.model.names import Sha, StackId
from gitbot.model.plan import Plan
from gitbot.model.runs import Run
from gitbot.reconciler.affected import environment_changes


def pull_requests_of(commit: Sha, pulls: Iterable[PullRequest]) -> tuple[PullRequest, ...]:
    """The open pull requests whose newest commit it is: those of the repository itself come first."""
    found = [each for each in pulls if each.head == commit]
    return tuple(sorted(found, key=lambda each: (each.from_fork, each.number)))


def check_reachable(
    commit: Sha, pulls: Sequence[PullRequest], *, on_a_branch: bool, leave: bool
) -> None:
    """Return when the commit may be planned: somebody with the right to push has pushed it, or it is
    the head of a fork that somebody with that right gave leave to plan (``leave``).

    ``pulls`` are the pull requests of the commit.

    Raises:
        RefusedError: it comes from a fork, without that leave.
        UserError: neither a branch nor a pull request has it.
    """
    if on_a_branch or leave or any(not each.from_fork for each in pulls):
        return
    if pulls:
        raise RefusedError(
            f"{commit[:8]} comes from a fork, and nobody with write access has asked for its plan: they "
            f"write `/plan` on #{pulls[0].number} first"
        )
    raise UserError(
        f"no branch and no open pull request on GitHub has the commit {commit[:8]}: push it first "
        "(`git push`)"
    )


def check_rules(tip: Environment, merged: Environment | None, *, broken: bool) -> None:
    """Return when the commit can be planned by the environment's rules at the tip.

    ``merged`` is the environment as the commit has it; None when it has none, or (``broken``) when
    its specs have errors.

    Raises:
        RefusedError: the commit changes what a plan may reach, or removes the environment.
    """
    if merged is None and not broken:
        raise RefusedError(
            f"this commit has no environment {tip.name}: the pull request that removes it shows what "
            "happens to its stacks"
        )
    if reason := environment_changes(tip, merged):
        raise RefusedError(f"{tip.name}: {reason}")


def digests_shown(
    plans: Iterable[Plan], shown: Mapping[StackId, Run], head: Sha
) -> Mapping[str, str]:
    """The digests that an ``/apply`` on the pull request takes, by the stack's label.

    ``shown`` are the plans that the pull request shows now. One that does something else than ours is
    not offered: people agree to what they have read.
    """
    found = {}
    for plan in plans:
        run = shown.get(plan.stack)
        same = run is not None and run.head == head and run.digest == plan.digest
        if same and not plan.empty:
            found[plan.stack.label] = plan.digest
    return found
