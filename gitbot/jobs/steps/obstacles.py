"""Read what forbids an act on a stack, and who may override it. Shell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from gitbot.decisions.claims import claim_on, names_of
from gitbot.decisions.freeze.waiting import check_override, overriding_teams, words_of_refusal
from gitbot.decisions.freeze.windows import standing_in_the_way, window_verdict
from gitbot.decisions.leftovers import cut_off, resumes
from gitbot.decisions.time.obstacles import Obstacles, may
from gitbot.errors import RefusedError
from gitbot.jobs.steps.look import Engine, Look, Ports
from gitbot.model.commands import Command
from gitbot.model.desired import Environment
from gitbot.model.expiry import Stage
from gitbot.model.freeze import Act, Verdict, Window
from gitbot.model.names import EnvironmentKey, StackId
from gitbot.model.runs import RunKind
from gitbot.ports.records import Records
from gitbot.reconciler.leases import holder_of


class Sources(Protocol):
    """What it takes to read a freeze: the ``Ports`` of a job have it, and so has what a command
    line opened."""

    @property
    def engine(self) -> Engine: ...

    @property
    def records(self) -> Records: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """What keeps an apply from being done now.

    ``overridden``: a command overrides all of it. ``refused`` says why an override does not count,
    and is empty when nobody asked for one. ``in_the_way`` are the windows, if overriding them is
    enough.
    """

    verdict: Verdict
    overridden: bool = False
    refused: str = ""
    in_the_way: tuple[Window, ...] = ()


def _nobody(team: str, login: str) -> bool:
    """The teams of a command line, which cannot override."""
    return False


def _all_seen(teams: Iterable[str]) -> tuple[str, ...]:
    """The teams in which nobody can be found, for a command line that asks nobody."""
    return ()


def may_now(
    ports: Ports, seen: Look, rules: Environment, stack: StackId, act: Act, *, leased: bool = False
) -> Verdict:
    """Whether the act may happen to the stack now. Ask before acting, and again under the lease.

    ``leased``: the caller holds the lease of the environment, or its job waits for it.
    """
    return may(act, read_obstacles(ports, seen, rules, stack, act, leased=leased))


def read_obstacles(
    ports: Ports, seen: Look, rules: Environment, stack: StackId, act: Act, *, leased: bool = False
) -> Obstacles:
    """Everything that can forbid the act on the stack."""
    records, state, key = ports.records, ports.engine.state, stack.environment_key
    wanted = seen.wanted(rules.name)
    headers = state.headers(stack.repository, stack.environment)
    claims = {claim.stack: claim for claim in records.claims.of_environment(key)}
    claim = claim_on(names_of(stack, wanted.stacks.get(stack.name), headers), claims)
    expiry = records.expiries.of_stack(stack)
    held = [run for run in records.runs.held(key) if run.stack == stack]
    return replace(
        read_freeze(ports, rules, stack, act),
        claim=""
        if claim is None
        else f"#{claim.pull_request} holds it (`/unlock` there ends that)",
        held=f"an apply of it waits for consent (`/cancel {stack.label}` ends that)"
        if held
        else "",
        lease="" if leased else _holder(ports, key),
        expired=expiry is not None and expiry.stage is Stage.EXPIRED,
        tombstone=stack.name in wanted.entombed,
        open_intents=bool(state.read(stack).intents),
    )


def _holder(ports: Ports, environment: EnvironmentKey) -> str:
    """Who changes the environment now; empty when nobody does, or only a dead process did."""
    engine = ports.engine
    lease = engine.state.lease(environment)
    if lease is None or not lease.holder or lease.expires_at <= ports.clock.now():
        return ""
    return "" if engine.processes.is_dead(lease.holder) else str(holder_of(lease.holder))


def read_freeze(ports: Sources, rules: Environment, stack: StackId, act: Act) -> Obstacles:
    """What a freeze says of the act, and whether an apply of the stack was cut off."""
    runs, now = ports.records.runs, ports.engine.calendar.now()
    newest = next(iter(runs.of_stack(stack, RunKind.APPLY, limit=1)), None)
    return Obstacles(
        window=window_verdict(rules, act, stack.name, now),
        freeze=ports.records.freezes.frozen(stack.environment_key),
        interrupted=cut_off(newest, None if newest is None else runs.result(newest.id)),
    )


def freeze_on(
    ports: Sources, rules: Environment, stack: StackId, wanted: str | None, act: Act = Act.APPLY
) -> Verdict:
    """What a freeze says of bringing the stack to what is wanted, whose hash this is.

    The rest of an apply that was cut off is allowed, and nothing newer.
    """
    runs, facts = ports.records.runs, read_freeze(ports, rules, stack, act)
    if not facts.interrupted:
        return may(act, facts)
    newest = next(iter(runs.of_stack(stack, RunKind.APPLY, limit=1)))
    rest = resumes(newest, runs.result(newest.id), runs.plan(newest.id), wanted)
    # Whoever asks this closes what was interrupted.
    return may(act, replace(facts, interrupted=False, resumes=rest))


def find_freeze(
    ports: Sources,
    rules: Environment,
    stack: StackId,
    wanted: str | None,
    *,
    act: Act = Act.APPLY,
    commands: Sequence[Command] = (),
    in_team: Callable[[str, str], bool] = _nobody,
) -> Freeze | None:
    """What freezes the stack now, and whether a command overrides it; None when nothing does.

    Everybody who applies asks this before planning, and again before each stack begins.
    """
    verdict = freeze_on(ports, rules, stack, wanted, act)
    if verdict.allowed:
        return None
    refused = ""
    for command in commands:
        if asks_to_override(command, stack):
            try:
                _require_override(ports, in_team, rules, stack, command)
            except RefusedError as error:
                refused = str(error)
            else:
                return Freeze(verdict=verdict, overridden=True)
    in_the_way = _overridable(ports, rules, stack) if act is Act.APPLY else ()
    return Freeze(verdict=verdict, refused=refused, in_the_way=in_the_way)


def refuse_frozen(
    ports: Sources,
    rules: Environment,
    stack: StackId,
    wanted: str | None,
    *,
    act: Act = Act.APPLY,
    commands: Sequence[Command] = (),
    in_team: Callable[[str, str], bool] = _nobody,
    unseen: Callable[[Iterable[str]], Sequence[str]] = _all_seen,
) -> bool:
    """Return False when nothing freezes the stack, True when a command overrides what does.

    ``unseen`` gives those of the teams in which nobody can be found.

    Raises:
        RefusedError: it is frozen; says until when, and who may override it.
    """
    found = find_freeze(ports, rules, stack, wanted, act=act, commands=commands, in_team=in_team)
    if found is None or found.overridden:
        return found is not None
    if found.refused:
        raise RefusedError(found.refused)
    nobody_in = unseen(overriding_teams(found.in_the_way))
    raise RefusedError(words_of_refusal(rules, stack, found.verdict, found.in_the_way, nobody_in))


def asks_to_override(command: Command, stack: StackId) -> bool:
    """Whether the command asks to apply the stack though it is frozen."""
    return bool(command.because) and command.stack in (None, stack.name)


def _windows(ports: Sources, rules: Environment, stack: StackId) -> tuple[Window, ...]:
    """The windows that keep an apply of the stack from being done now."""
    now = ports.engine.calendar.now()
    return standing_in_the_way(rules.freezes, Act.APPLY, stack.name, now)


def _overridable(ports: Sources, rules: Environment, stack: StackId) -> tuple[Window, ...]:
    """The windows in the way, if overriding them is enough: a freeze by hand cannot be overridden."""
    if ports.records.freezes.frozen(stack.environment_key) is not None:
        return ()
    return _windows(ports, rules, stack)


def _require_override(
    ports: Sources,
    in_team: Callable[[str, str], bool],
    rules: Environment,
    stack: StackId,
    command: Command,
) -> None:
    """Return when the command overrides everything that freezes the stack now.

    Raises:
        RefusedError: it does not; says what is missing.
    """
    in_the_way = _windows(ports, rules, stack)
    asked = {team for window in in_the_way for team in window.teams}
    teams = {team for team in sorted(asked) if in_team(team, command.author)}
    freeze = ports.records.freezes.frozen(stack.environment_key)
    check_override(command, freeze, in_the_way, teams)
