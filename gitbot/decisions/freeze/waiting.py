"""Decides what waits for the end of a freeze, what of it was withdrawn, and who may override. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from gitbot.decisions.consent import only_by_release, unfinished_run
from gitbot.decisions.time.obstacles import words_of_freeze
from gitbot.errors import RefusedError
from gitbot.model.commands import Command
from gitbot.model.desired import ChangedPlan, Environment
from gitbot.model.freeze import FrozenApply, HandFreeze, Verdict, Window, Withdrawal
from gitbot.model.names import StackId
from gitbot.model.runs import Claim, Run, RunStatus
from gitbot.render.instants import instant_words

NAMES_NOTHING = (
    "an override names the plan by its digest and says why: `/apply prod 1a2b3c4d5e6f7a8b because "
    "the site is down`"
)


def waits(stack: StackId, verdict: Verdict, now: datetime) -> FrozenApply:
    """The apply of the stack that the verdict does not allow."""
    return FrozenApply(stack=stack, since=now, why=verdict.why, until=verdict.next_open)


def goes_on_alone(
    rules: Environment,
    claim: Claim | None,
    history: Sequence[Run],
    *,
    reviewed: bool,
) -> bool:
    """Whether people may have agreed to what waits: if not, it is held when the freeze ends.

    ``history`` are the applies of the stack, newest first. ``reviewed``: a merged pull request
    showed a plan of it.
    """
    released = bool(history) and history[0].status is RunStatus.RELEASED
    if released or unfinished_run(history):
        return True
    if only_by_release(rules, claim):
        return False
    return reviewed or rules.changed_plan is ChangedPlan.APPLY


def words_of_wait(
    rules: Environment,
    apply: FrozenApply,
    in_the_way: Sequence[Window],
    *,
    alone: bool = True,
    unseen: Sequence[str] = (),
) -> str:
    """Why it waits, what happens when that ends, and who may override it, in Markdown.

    ``alone``: it goes on by itself then, because people may have agreed to it. ``unseen`` are teams
    in which nobody can be found.
    """
    when = "when that ends"
    if apply.until is not None:
        when = f"at {instant_words(apply.until, rules.timezone)}"
    what = f"It goes on by itself {when}, if the plan is still the reviewed one"
    if not alone:
        what = f"Nobody agreed to its plan: it is planned {when}, and held until somebody says so"
    return f"{apply.why}. {what}. {_how(rules, in_the_way, unseen)}"


def words_for_plan(rules: Environment, verdict: Verdict) -> str:
    """What a plan comment says of a freeze, in Markdown."""
    until = "that ends"
    if verdict.next_open is not None:
        until = instant_words(verdict.next_open, rules.timezone)
    return f"{verdict.why}. A merge waits until {until}, and so does a comment."


def words_of_refusal(
    rules: Environment,
    stack: StackId,
    verdict: Verdict,
    in_the_way: Sequence[Window],
    unseen: Sequence[str] = (),
) -> str:
    """Why an ``/apply`` of the stack is refused now, and what can be done, in Markdown.

    ``unseen`` are teams in which nobody can be found.
    """
    when = ""
    if verdict.next_open is not None:
        when = f". It works again after {instant_words(verdict.next_open, rules.timezone)}"
    override = _override(stack.label, in_the_way, unseen)
    return f"{stack.label} is frozen: {verdict.why}{when}{f'. {override}' if override else ''}"


def _how(rules: Environment, in_the_way: Sequence[Window], unseen: Sequence[str]) -> str:
    override = _override(rules.name, in_the_way, unseen)
    return f"{override}{'. ' if override else ''}`/cancel {rules.name}` withdraws it."


def _override(label: str, in_the_way: Sequence[Window], unseen: Sequence[str]) -> str:
    """Who may override and how, as a clause; empty when nobody may."""
    teams = sorted(overriding_teams(in_the_way))
    if not teams:
        return ""
    nobody = f" (nobody can be found in {' or '.join(unseen)})" if unseen else ""
    return (
        f"{' or '.join(teams)} can apply it now, with `/apply {label}`, the digest of the plan, and "
        f"`because` with a reason{nobody}"
    )


def overriding_teams(in_the_way: Iterable[Window]) -> frozenset[str]:
    """Every team that may override one of the windows; empty when nobody may override them all."""
    known = tuple(in_the_way)
    teams = frozenset(team for window in known for team in window.teams)
    return teams if known and _lets(known, teams) else frozenset()


def check_override(
    command: Command,
    freeze: HandFreeze | None,
    in_the_way: Sequence[Window],
    teams: Collection[str],
) -> None:
    """Return when the command overrides everything that freezes the stack.

    ``teams`` are those of the author, among the teams of the windows.

    Raises:
        RefusedError: it does not; says what is missing.
    """
    if freeze is not None:
        raise RefusedError(f"{words_of_freeze(freeze)}; an override does not count before")
    if command.digest is None or not command.because:
        raise RefusedError(NAMES_NOTHING)
    if not _lets(in_the_way, frozenset(teams)):
        names = " and ".join(f"`{window.name}`" for window in in_the_way)
        who = " or ".join(sorted(overriding_teams(in_the_way)))
        may = f"that takes a member of {who}" if who else "nobody may"
        raise RefusedError(f"{command.author} may not override {names}: {may}")


def _lets(in_the_way: Iterable[Window], teams: frozenset[str]) -> bool:
    """Whether these teams override all windows that deny, and one of those that allow."""
    known = tuple(in_the_way)
    allowing = [window for window in known if window.allows]
    denied = any(not window.teams & teams for window in known if not window.allows)
    return not denied and (not allowing or any(window.teams & teams for window in allowing))


def to_withdraw(
    command: Command,
    held: Iterable[Run],
    waiting: Iterable[FrozenApply],
    before: Iterable[StackId] = (),
) -> frozenset[StackId]:
    """The stacks that ``/cancel`` is about: those that it names, and whose apply is held or waits.

    ``before`` are those that the same command has withdrawn already.
    """
    stacks = {*(run.stack for run in held), *(each.stack for each in waiting), *before}
    return frozenset(stack for stack in stacks if command.stack in (None, stack.name))


def choose_environment(command: Command, candidates: Collection[str]) -> str:
    """The environment that the command names, or else the only candidate.

    Raises:
        RefusedError: it names none, and none or several fit.
    """
    if command.environment is not None:
        return command.environment
    if len(candidates) == 1:
        return next(iter(candidates))
    because = " because …" if command.because else ""
    choices = [f"`/{command.verb} {name}{because}`" for name in sorted(candidates)]
    raise RefusedError(f"say which environment: {', '.join(choices) or 'there is none'}")


def withdrawal_of(
    withdrawn: Iterable[Withdrawal], stack: StackId, desired_hash: str | None
) -> Withdrawal | None:
    """The withdrawal that stands for what the tip wants of the stack now."""
    return next(
        (each for each in withdrawn if each.stack == stack and each.desired_hash == desired_hash),
        None,
    )


def words_of_withdrawal(withdrawal: Withdrawal) -> str:
    """Who withdrew it and where, and how to apply it all the same, in Markdown."""
    return (
        f"{withdrawal.by} withdrew it on #{withdrawal.number}: `/apply {withdrawal.stack.label}` on "
        "the merged pull request applies it all the same, and so does the next change of the stack"
    )
