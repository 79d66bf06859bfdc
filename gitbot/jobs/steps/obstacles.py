"""Read what forbids an act on a stack, and who may override it. Shell."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from gitbot.decisions.claims import claim_on, names_of
from gitbot.decisions.freeze.waiting import check_override, words_of_refusal
from gitbot.decisions.freeze.windows import standing_in_the_way, window_verdict
from gitbot.decisions.leftovers import cut_off
from gitbot.decisions.time.obstacles import Obstacles, may
from gitbot.errors import RefusedError
from gitbot.jobs.steps.look import Look, Ports
from gitbot.model.commands import Command
from gitbot.model.desired import Environment
from gitbot.model.expiry import Stage
from gitbot.model.freeze import Act, Verdict, Window
from gitbot.model.names import EnvironmentKey, StackId
from gitbot.model.runs import RunKind
from gitbot.ports.records import Records


def may_now(
    ports: Ports, seen: Look, rules: Environment, stack: StackId, act: Act, *, leased: bool = False
) -> Verdict:
    """Whether the act may happen to the stack now. Ask before acting, and again under the lease.

    ``leased``: the caller holds the lease of the environment.
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
    return "" if engine.processes.is_dead(lease.holder) else lease.holder


def read_freeze(ports: Ports, rules: Environment, stack: StackId, act: Act) -> Obstacles:
    """What a freeze says of the act, and whether an apply of the stack was cut off."""
    return freeze_facts(ports.records, rules, stack, act, ports.engine.calendar.now())


def freeze_facts(
    records: Records, rules: Environment, stack: StackId, act: Act, now: datetime
) -> Obstacles:
    """The same as ``read_freeze``, for the command line."""
    runs = records.runs
    newest = next(iter(runs.of_stack(stack, RunKind.APPLY, limit=1)), None)
    return Obstacles(
        window=window_verdict(rules, act, stack.name, now),
        freeze=records.freezes.frozen(stack.environment_key),
        interrupted=cut_off(newest, None if newest is None else runs.result(newest.id)),
    )


def windows_in_the_way(ports: Ports, rules: Environment, stack: StackId) -> tuple[Window, ...]:
    """The windows that keep an apply of the stack from being done now."""
    now = ports.engine.calendar.now()
    return standing_in_the_way(rules.freezes, Act.APPLY, stack.name, now)


def overridable(ports: Ports, rules: Environment, stack: StackId) -> tuple[Window, ...]:
    """The windows in the way, if overriding them is enough: a freeze by hand cannot be overridden."""
    if ports.records.freezes.frozen(stack.environment_key) is not None:
        return ()
    return windows_in_the_way(ports, rules, stack)


def refuse_frozen(
    ports: Ports, seen: Look, rules: Environment, stack: StackId, command: Command
) -> bool:
    """Return when nothing freezes the stack, or the command overrides it; then True.

    Raises:
        RefusedError: it is frozen; says until when, and who may override it.
    """
    verdict = may(Act.APPLY, read_freeze(ports, rules, stack, Act.APPLY))
    if verdict.allowed:
        return False
    if not command.because:
        in_the_way = overridable(ports, rules, stack)
        raise RefusedError(words_of_refusal(rules, stack, verdict, in_the_way))
    require_override(ports, seen, rules, stack, command)
    return True


def require_override(
    ports: Ports, seen: Look, rules: Environment, stack: StackId, command: Command
) -> None:
    """Return when the command overrides everything that freezes the stack now.

    Raises:
        RefusedError: it does not; says what is missing.
    """
    in_the_way = windows_in_the_way(ports, rules, stack)
    asked = {team for window in in_the_way for team in window.teams}
    teams = {team for team in sorted(asked) if seen.forge.in_team(team, command.author)}
    freeze = ports.records.freezes.frozen(stack.environment_key)
    check_override(command, freeze, in_the_way, teams)
