"""Decides what an ``/apply`` on a pull request applies, and why it is refused. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from gitbot.decisions.digests import fits, shown_before
from gitbot.errors import RefusedError
from gitbot.model.commands import Command
from gitbot.model.desired import LoadedTree
from gitbot.model.forge import PullRequest
from gitbot.model.plan import Plan, short_digest
from gitbot.model.runs import Claim, Run
from gitbot.model.said import ShownDigest
from gitbot.reconciler.affected import environment_changes


def choose_environment(command: Command, candidates: Sequence[str]) -> str:
    """The environment that the command names, or else the only candidate.

    Raises:
        RefusedError: it names none, and there is no candidate or more than one.
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
    """The affected stack that the command names, or else all affected stacks.

    Raises:
        RefusedError: no stack is affected, or the named one is not.
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
    """Return when the pull request can be applied to the environment that the command names.

    Raises:
        RefusedError: the specs have problems, or the pull request changes the environment itself,
            which has no effect before the merge.
    """
    environment = command.environment
    if environment in applicable or (environment is None and applicable):
        return
    if environment is not None and environment not in tip.environments:
        return
    if merged.errors(environment):
        raise RefusedError("the specs have problems: see the plan comment, and fix them first")
    for name in [environment] if environment else sorted(tip.environments):
        if reason := environment_changes(tip.environments[name], merged.environments.get(name)):
            raise RefusedError(f"{name}: {reason}")


def refuse_new_name(label: str, moved_from: str | None) -> None:
    """Refuse to apply a renamed stack: until the merge the tracked branch needs the former name.

    Raises:
        RefusedError: always.
    """
    raise RefusedError(
        f"{label} is still called {moved_from} (`metadata.moved`): merge to rename it"
    )


def choose_plans(named: str | None, shown: Sequence[Run]) -> tuple[Run, ...]:
    """The shown plans with the digest that the command names; all when it names none.

    Raises:
        RefusedError: no plan that is shown now has that digest.
    """
    chosen = tuple(run for run in shown if fits(named, run.digest))
    if not chosen:
        digests = ", ".join(short_digest(run.digest) for run in shown)
        raise RefusedError(
            f"no plan that is shown now has the digest {short_digest(named or '')} (shown: "
            f"{digests})"
        )
    return chosen


def check_guards(command: Command, environment: str, plans: Iterable[Plan]) -> None:
    """Return when no plan meets a guard, or the command gives a digest.

    So nobody applies a guarded change without asking for exactly that change.

    Raises:
        RefusedError: a plan meets a guard; the message says why, and how to ask for that plan.
    """
    guarded = [plan for plan in plans if plan.guards]
    if command.digest is not None or not guarded:
        return
    reasons = "; ".join(hit.detail for plan in guarded for hit in plan.guards)
    choices = _choices(environment, guarded)
    raise RefusedError(f"{reasons}. To do exactly that, name the plan: {choices}")


def check_readable(command: Command, environment: str, shown: Iterable[Run]) -> None:
    """Return when people could read the shown plans whole, or the command gives a digest.

    Raises:
        RefusedError: a plan was not shown whole; the message says how to ask for it all the same.
    """
    unread = [run for run in shown if not run.shown_whole]
    if command.digest is None and unread:
        names = ", ".join(run.stack.label for run in unread)
        raise RefusedError(
            f"the plan of {names} is not shown whole here, so nobody could read all of it. To do it all "
            f"the same, name it: {_choices(environment, unread)}"
        )


def releasable(
    named: str | None, touched: Sequence[str], held: Mapping[str, Sequence[Run]]
) -> tuple[str, ...]:
    """The environments that ``/apply`` on a closed pull request may be for.

    ``named`` is the digest that the command names. A held apply with it names its environment;
    without a digest it is one of those that the pull request touches. ``held`` are the applies that
    may be released here.
    """
    fitting = tuple(
        name
        for name, runs in sorted(held.items())
        if named is not None and any(run.digest == named for run in runs)
    )
    return fitting or tuple(touched)


def choose_held(command: Command, named: str | None, held: Sequence[Run]) -> tuple[Run, ...]:
    """The held applies that the command releases.

    None without a digest: the command then tries what failed again, and the answer shows what is
    held and how to release it.

    ``held`` are the applies that may be released here. ``named`` is the digest that the command
    names.

    Raises:
        RefusedError: no held apply has the digest.
    """
    if named is None:
        return ()
    here = [run for run in held if command.stack in (None, run.stack.name)]
    chosen = tuple(run for run in here if run.digest == named)
    if not chosen:
        digests = ", ".join(short_digest(run.digest) for run in here) or "none"
        raise RefusedError(
            f"no held apply here has the digest {short_digest(named)} (held: {digests})"
        )
    return chosen


def check_stack(command: Command, environment: str, known: Collection[str]) -> None:
    """Return when the command names no stack, or one of those that are known.

    Raises:
        RefusedError: the environment has no such stack.
    """
    if command.stack is not None and command.stack not in known:
        names = ", ".join(f"`{name}`" for name in sorted(known)) or "none"
        raise RefusedError(f"{environment} has no stack `{command.stack}` (it has: {names})")


def _choices(environment: str, plans: Iterable[Plan | Run]) -> str:
    return ", ".join(f"`/apply {environment} {short_digest(each.digest)}`" for each in plans)


def held_here(
    held: Iterable[Run], shown: Sequence[ShownDigest], written_at: datetime
) -> tuple[Run, ...]:
    """The held applies that a comment written then may release: those that were shown here before.

    What was never shown on this pull request, or only later, nobody has read here.
    """
    return tuple(run for run in held if shown_before(run, shown, written_at))


def claims_for(
    runs: Iterable[Run], pull_request: PullRequest, command: Command, now: datetime
) -> tuple[Claim, ...]:
    """The claims to take before these plans are applied ahead of the merge."""
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
    """The claims that ``/unlock`` releases.

    Raises:
        RefusedError: the pull request holds no stack that the command names.
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
