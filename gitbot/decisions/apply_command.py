"""What ``/apply`` may mean on a pull request, and why it is refused. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from gitbot.decisions.shown import names
from gitbot.errors import RefusedError
from gitbot.model.commands import Command
from gitbot.model.desired import LoadedTree
from gitbot.model.forge import PullRequest
from gitbot.model.plan import Plan
from gitbot.model.runs import Claim, Run
from gitbot.reconciler.affected import environment_changes

SHOWN_DIGITS = 8
"""How many digits of a digest people are shown and may write."""


def choose_environment(command: Command, candidates: Sequence[str]) -> str:
    """The environment that the command is for: the one it names, else the only candidate.

    Raises:
        RefusedError: there is none, or several.
    """
    if command.environment is not None:
        return command.environment
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        raise RefusedError("this pull request changes no stack: there is nothing to apply")
    choices = ", ".join(f"`/apply {name}`" for name in candidates)
    raise RefusedError(f"it touches several environments; say which one: {choices}")


def choose_stacks(command: Command, environment: str, affected: Sequence[str]) -> tuple[str, ...]:
    """The affected stacks that the command is for: the one it names, else all of them.

    Raises:
        RefusedError: there is none.
    """
    if not affected:
        raise RefusedError(f"this pull request changes no stack of {environment}")
    if command.stack is None:
        return tuple(affected)
    if command.stack not in affected:
        choices = ", ".join(f"`{environment}/{name}`" for name in affected)
        raise RefusedError(
            f"this pull request does not change `{environment}/{command.stack}`; it changes "
            f"{choices}"
        )
    return (command.stack,)


def check_specs(
    tip: LoadedTree, merged: LoadedTree, command: Command, applicable: Collection[str]
) -> None:
    """Do nothing when the environment that the command names can be applied from the pull request.

    Raises:
        RefusedError: its specs have problems, or it changes what only counts once merged.
    """
    environment = command.environment
    if environment in applicable or (environment is None and applicable):
        return
    if environment is not None and environment not in tip.environments:
        return
    if merged.errors(environment):
        raise RefusedError("the specs have problems: the plan comment tells which, mend them first")
    for name in [environment] if environment else sorted(tip.environments):
        if reason := environment_changes(tip.environments[name], merged.environments.get(name)):
            raise RefusedError(f"{name}: {reason}")


def refuse_new_name(label: str, moved_from: str | None) -> None:
    """Refuse to apply a renamed stack: before the merge the tracked branch still needs its former
    name.

    Raises:
        RefusedError: always.
    """
    raise RefusedError(
        f"{label} was called {moved_from} until now (`metadata.moved`): a new name is given by "
        "merging, not before"
    )


def choose_plans(command: Command, shown: Sequence[Run]) -> tuple[Run, ...]:
    """The shown plans that the command's digest names; all, where it has none.

    Raises:
        RefusedError: it names none of them.
    """
    chosen = tuple(run for run in shown if names(command, run.digest))
    if not chosen:
        digests = ", ".join(run.digest[:SHOWN_DIGITS] for run in shown)
        raise RefusedError(f"no plan shown here has the digest {command.digest} (shown: {digests})")
    return chosen


def check_guards(command: Command, environment: str, plans: Iterable[Plan]) -> None:
    """Do nothing when no plan is guarded, or the command names it by its digest: so that nobody has
    something guarded done by the way.

    Raises:
        RefusedError: says what is guarded and how to ask for exactly that.
    """
    guarded = [plan for plan in plans if plan.guards]
    if command.digest is not None or not guarded:
        return
    reasons = "; ".join(hit.detail for plan in guarded for hit in plan.guards)
    choices = _choices(environment, guarded)
    raise RefusedError(f"{reasons}. To have exactly that done, say which plan: {choices}")


def choose_held(command: Command, environment: str, held: Sequence[Run]) -> tuple[Run, ...]:
    """The held applies that the command releases; none, where nothing is held and it only goes on.

    Raises:
        RefusedError: it names none of those that are held, or names none although some are.
    """
    here = [run for run in held if command.stack in (None, run.stack.name)]
    if command.digest is None:
        if here:
            raise RefusedError(
                f"an apply of {environment} is held; look at its plan and say which one: "
                f"{_choices(environment, here)}"
            )
        return ()
    chosen = tuple(run for run in here if names(command, run.digest))
    if not chosen:
        digests = ", ".join(run.digest[:SHOWN_DIGITS] for run in here) or "none"
        raise RefusedError(f"no held apply here has the digest {command.digest} (held: {digests})")
    return chosen


def _choices(environment: str, plans: Iterable[Plan | Run]) -> str:
    return ", ".join(f"`/apply {environment} {each.digest[:SHOWN_DIGITS]}`" for each in plans)


def held_here(held: Iterable[Run], number: int) -> tuple[Run, ...]:
    """Held applies that may be released on this pull request: its own, or those of none."""
    return tuple(run for run in held if run.pull_request in (None, number))


def claims_for(
    runs: Iterable[Run], pull_request: PullRequest, command: Command, now: datetime
) -> tuple[Claim, ...]:
    """The claims that an apply of these plans before the merge takes."""
    return tuple(
        Claim(
            stack=run.stack,
            pull_request=pull_request.number,
            claimed_by=command.author,
            claimed_at=now,
            head=pull_request.head,
        )
        for run in runs
    )


def released(claims: Iterable[Claim], command: Command) -> tuple[Claim, ...]:
    """The claims that ``/unlock`` gives up.

    Raises:
        RefusedError: the pull request holds none of what the command names.
    """
    chosen = tuple(
        claim
        for claim in claims
        if command.environment in (None, claim.stack.environment)
        and command.stack in (None, claim.stack.name)
    )
    if not chosen:
        where = f" of {command.environment}" if command.environment else ""
        raise RefusedError(f"this pull request holds no stack{where}")
    return chosen
