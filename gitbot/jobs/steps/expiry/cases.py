"""Read what decides about the stacks of an environment that expire, and decide. Shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from gitbot.decisions.expiry.ahead import ahead_of
from gitbot.decisions.expiry.keeping import kept_of
from gitbot.decisions.expiry.places import elsewhere
from gitbot.decisions.expiry.schedule import schedules_of
from gitbot.decisions.expiry.stages import (
    OUTDATED,
    Case,
    Decision,
    Step,
    decide,
)
from gitbot.decisions.expiry.users import users_of
from gitbot.decisions.time.obstacles import may
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.obstacles import read_obstacles
from gitbot.model.desired import Environment
from gitbot.model.expiry import Delivery, Expiry, ExpiryRules, Stage, Use
from gitbot.model.freeze import Act
from gitbot.model.names import EnvironmentKey, StackId
from gitbot.model.recorded import RecordedStack
from gitbot.model.time import Schedule
from gitbot.render.expiry_warnings import users_words

BROKEN = "the specs of the environment have errors: nothing is destroyed until they are fixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The rows of an environment and what is decided about each.

    ``deliveries`` are the delivered warnings of each.
    """

    rows: Mapping[StackId, Expiry]
    decisions: Mapping[StackId, Decision]
    deliveries: Mapping[StackId, Sequence[Delivery]] = field(default_factory=dict)

    def of(self, stack: StackId) -> Decision:
        """The decision about the stack; nothing is to be done to one that does not expire."""
        return self.decisions.get(stack, Decision())

    def case(self, row: Expiry, rules: Environment) -> Case:
        """What decides when the stack of the row is stopped and destroyed."""
        deliveries = self.deliveries.get(row.stack, ())
        return Case(expiry=row, rules=rules_of(rules), deliveries=deliveries)


def rules_of(environment: Environment) -> ExpiryRules:
    """The rules of expiry in the environment; the usual ones where it has none of its own."""
    return environment.expiry or ExpiryRules()


def decide_now(ports: Ports, seen: Look, rules: Environment, now: datetime) -> Decided:
    """What is to be done to each stack of the environment that expires.

    What holds a destruction is read only where one is due.
    """
    key = seen.key(rules.name)
    rows = {row.stack: row for row in ports.records.expiries.of_environment(key)}
    live = {stack: row for stack, row in rows.items() if not row.lifted}
    if all(row.stage is Stage.DESTROYED for row in live.values()):
        return Decided(rows=rows, decisions={})
    deliveries = ports.records.expiries.deliveries(key)
    cases = [
        Case(expiry=row, rules=rules_of(rules), deliveries=deliveries.get(stack, ()))
        for stack, row in live.items()
    ]
    first = decide(cases, 0, now)
    due = {
        stack
        for stack, found in first.items()
        if found.step is Step.DESTROY or OUTDATED in found.held
    }
    if not due:
        return Decided(rows=rows, decisions=first, deliveries=deliveries)
    states = {state.id: state for state in _states(ports, key)}
    cases = [
        replace(
            case,
            holds=_holds(ports, seen, rules, case.expiry, states),
            resources=_deleted(ports, states, case.expiry.stack),
        )
        if case.expiry.stack in due
        else case
        for case in cases
    ]
    of = sum(
        len(state.resources) for state in states.values() if state.id.environment == rules.name
    )
    return Decided(rows=rows, decisions=decide(cases, of, now), deliveries=deliveries)


def expiry_schedules(
    ports: Ports, seen: Look, environment: Environment, now: datetime
) -> Sequence[Schedule]:
    """When the expiry of the environment's stacks is looked at; never where none expires."""
    decided = decide_now(ports, seen, environment, now)
    rows = tuple(decided.rows.values())
    ahead = {
        row.stack: ahead_of(decided.case(row, environment), now)
        for row in rows
        if row.stack in decided.decisions
    }
    return schedules_of(seen.key(environment.name), rows, decided.decisions, ahead, now)


def users_here(ports: Ports, stack: StackId) -> tuple[Use, ...]:
    """The resources of other stacks of the repository that use this one."""
    states = {state.id: state for state in _states(ports, stack.environment_key)}
    return _users(states, stack)


def _states(ports: Ports, key: EnvironmentKey) -> Sequence[RecordedStack]:
    """The states of all stacks of the repository."""
    state = ports.engine.state
    names = {*state.environments(key.repository), key.environment}
    return [
        found
        for name in sorted(names)
        for found in state.read_all(EnvironmentKey(repository=key.repository, environment=name))
    ]


def _users(states: Mapping[StackId, RecordedStack], stack: StackId) -> tuple[Use, ...]:
    return users_of(states[stack], states.values()) if stack in states else ()


def _holds(
    ports: Ports,
    seen: Look,
    rules: Environment,
    row: Expiry,
    states: Mapping[StackId, RecordedStack],
) -> tuple[str, ...]:
    """Why the stack may not be destroyed now.

    The lease holds nothing: the destruction waits for it. Nor do the open intents of a destruction
    that has begun: nobody else closes them.
    """
    facts = read_obstacles(ports, seen, rules, row.stack, Act.DESTROY, leased=True)
    if row.stage is Stage.DESTROYING:
        facts = replace(facts, open_intents=False, interrupted=False)
    verdict = may(Act.DESTROY, facts)
    found = [] if verdict.allowed else [verdict.why]
    if seen.at_tip.errors(rules.name):
        found.append(BROKEN)
    if row.stack in states and (where := elsewhere(states[row.stack], rules)):
        found.append(where)
    users = _users(states, row.stack)
    return (*found, *([users_words(users)] if users else []))


def read_holds(ports: Ports, seen: Look, rules: Environment, row: Expiry) -> tuple[str, ...]:
    """Why the stack may not be destroyed now, as clauses; empty when it may."""
    states = {state.id: state for state in _states(ports, row.stack.environment_key)}
    return _holds(ports, seen, rules, row, states)


def _deleted(ports: Ports, states: Mapping[StackId, RecordedStack], stack: StackId) -> int:
    """How many resources the destruction would delete."""
    recorded = states.get(stack)
    if recorded is None:
        return 0
    return len(recorded.resources) - len(kept_of(recorded, ports.engine.clouds.schemas))
