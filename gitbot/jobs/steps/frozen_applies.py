"""Find the applies of the tip that are frozen or withdrawn, and those that override a freeze. Shell."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial

from gitbot.decisions.freeze.schedule import edges
from gitbot.decisions.freeze.waiting import (
    goes_on_alone,
    overriding_teams,
    waits,
    withdrawal_of,
    words_of_wait,
    words_of_withdrawal,
)
from gitbot.jobs.steps.agreements import reviews
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.obstacles import asks_to_override, find_freeze, freeze_on
from gitbot.jobs.steps.planning import Planned
from gitbot.jobs.steps.publish import keep_page
from gitbot.jobs.steps.teams import unseen_teams
from gitbot.jobs.steps.telling import Telling
from gitbot.jobs.steps.tip_consent import ask
from gitbot.jobs.steps.tip_facts import TipApply
from gitbot.language.hashing import keyed_hash
from gitbot.model.commands import Command
from gitbot.model.desired import DesiredStack, Environment
from gitbot.model.freeze import FrozenApply
from gitbot.model.keys import ApplyEnvironment
from gitbot.model.names import StackId
from gitbot.model.plan import Plan, short_digest
from gitbot.model.runs import Run, RunKind
from gitbot.model.said import TopicKind
from gitbot.model.time import Schedule
from gitbot.render.freeze import wait_over


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """``waits`` says by stack why its apply waits; ``overridden`` are those that do not have to.

    ``held`` are the applies of frozen stacks that a person has to release, freeze or not.
    """

    waits: Mapping[StackId, str] = field(default_factory=dict)
    held: tuple[Run, ...] = ()
    overridden: frozenset[StackId] = frozenset()


def find_frozen(apply: TipApply, rules: Environment, stacks: Sequence[StackId]) -> Frozen:
    """Which of these affected stacks are frozen now. It is recorded that they wait."""
    # Real time: it is compared with the time of a release.
    freezes, now = apply.ports.records.freezes, apply.ports.clock.now()
    words: dict[StackId, str] = {}
    overridden: set[StackId] = set()
    found: list[FrozenApply] = []
    held: list[Run] = []
    look_for = cache(partial(unseen_teams, apply.seen.forge))
    for stack in stacks:
        desired = apply.wanted.stacks.get(stack.name)
        freeze = find_freeze(
            apply.ports,
            rules,
            stack,
            None if desired is None else desired.hash,
            commands=apply.commands,
            in_team=apply.seen.forge.in_team,
        )
        if freeze is None:
            continue
        if freeze.overridden:
            overridden.add(stack)
            continue
        if (run := _held_anyway(apply, rules, stack)) is not None:
            held.append(run)
            continue
        found.append(waits(stack, freeze.verdict, now))
        alone = _goes_on_alone(apply, rules, stack)
        unseen = look_for(overriding_teams(freeze.in_the_way))
        words[stack] = words_of_wait(
            rules, found[-1], freeze.in_the_way, alone=alone, unseen=unseen
        )
        if freeze.refused:
            words[stack] += f" The override does not count: {freeze.refused}."
    freezes.wait(found)
    return Frozen(waits=words, held=tuple(held), overridden=frozenset(overridden))


def _held_anyway(apply: TipApply, rules: Environment, stack: StackId) -> Run | None:
    """The held apply of what the tip wants of the stack, if it is held after the freeze too."""
    ports, desired = apply.ports, apply.wanted.stacks.get(stack.name)
    held = ports.records.runs.held(stack.environment_key)
    run = next((each for each in held if each.stack == stack), None)
    if run is None:
        return None
    plan = ports.records.runs.plan(run.id)
    if plan.desired_hash != (None if desired is None else desired.hash):
        return None
    recorded = ports.engine.state.read(stack)
    found = reviews(ports, apply.seen, apply.merged, stack, recorded)
    each = Planned(plan=plan, desired=desired, recorded=recorded)
    return None if ask(apply, rules, each, found).given else run


def _goes_on_alone(apply: TipApply, rules: Environment, stack: StackId) -> bool:
    """Whether people may have agreed to what waits; the rest is asked when it is planned."""
    ports = apply.ports
    recorded = ports.engine.state.read(stack)
    return goes_on_alone(
        rules,
        apply.claim(stack),
        ports.records.runs.of_stack(stack, RunKind.APPLY),
        reviewed=bool(reviews(ports, apply.seen, apply.merged, stack, recorded)),
    )


def tell_waits_over(apply: TipApply, frozen: Collection[str], telling: Telling) -> None:
    """Correct the comments that say of a stack that it waits, once it does not wait any more.

    ``frozen`` are the names of those that still wait. Call it before ``end_waits``.
    """
    seen, said = apply.seen, apply.ports.records.said
    over = {each.stack.label for each in _over(apply, frozen)}
    if not over:
        return
    repository = seen.repository.id
    for number in sorted(each.number for each in apply.merged):
        for topic in said.comments(repository, number, TopicKind.APPLY):
            body = said.body(repository, number, topic) or ""
            new = wait_over(body, over)
            if new != body:
                keep = partial(keep_page, apply.ports, seen.forge, repository, number, topic, new)
                telling.say(f"the end of the wait on #{number}", keep)


def end_waits(apply: TipApply, frozen: Collection[str]) -> None:
    """Record that nothing waits any more but the stacks of these names. Call it at the end.

    Until then it is known how long a stack was frozen: its release does not age in that time.
    """
    over = [each.stack for each in _over(apply, frozen)]
    apply.ports.records.freezes.end_waiting(over)


def _over(apply: TipApply, frozen: Collection[str]) -> Sequence[FrozenApply]:
    waited = apply.ports.records.freezes.waiting(apply.seen.key(apply.environment))
    return [each for each in waited if each.stack.name not in frozen]


def note_override(apply: TipApply, plan: Plan) -> str:
    """Record in the audit that the freeze is overridden for this plan.

    Returns why the override does not count for it; empty when it does.
    """
    asked = [each for each in apply.commands if asks_to_override(each, plan.stack)]
    named = {each.accepted.digest or "": each for each in asked if each.accepted is not None}
    if plan.digest not in named:
        digests = " and ".join(map(short_digest, sorted(named)))
        return (
            f"The override names the plan {digests}, but {short_digest(plan.digest)} is what would "
            "be done now: look at that plan first."
        )
    audit_override(apply.ports, named[plan.digest], plan)
    return ""


def audit_override(ports: Ports, command: Command, plan: Plan) -> None:
    """Record in the audit who overrides a freeze for which plan, and why."""
    ports.records.journal.audit(
        at=ports.clock.now(),
        actor=command.author,
        action="freeze overridden",
        subject=str(plan.stack),
        detail={
            "digest": plan.digest,
            "because": command.because,
            "command": str(command.ref),
        },
    )


def standing_withdrawals(
    apply: TipApply, rules: Environment, stacks: Iterable[StackId]
) -> Mapping[StackId, str]:
    """For each of these stacks whose apply somebody withdrew, why it is not applied.

    A withdrawal ends when the tip wants something else of the stack.
    """
    freezes = apply.ports.records.freezes
    withdrawn = freezes.withdrawn(apply.seen.key(rules.name))
    standing = {
        stack: found
        for stack in stacks
        if (found := withdrawal_of(withdrawn, stack, wanted_hash(apply.seen, stack)))
    }
    freezes.end_withdrawal([each.stack for each in withdrawn if each.stack not in standing])
    return {stack: words_of_withdrawal(found) for stack, found in standing.items()}


def wanted_hash(seen: Look, stack: StackId) -> str | None:
    """The hash of what the tip wants of the stack; None when it wants no such stack."""
    desired: DesiredStack | None = seen.wanted(stack.environment).stacks.get(stack.name)
    return None if desired is None else keyed_hash(desired, seen.engine.redactor)


def wake_unfrozen(ports: Ports, seen: Look, environment: str, *, why: str) -> None:
    """Wake an apply of the environment if something that waits there may be applied now.

    ``why`` makes the job new.
    """
    rules = seen.at_tip.environments.get(environment)
    if rules is None:
        return
    waiting = ports.records.freezes.waiting(seen.key(environment))
    stacks = seen.wanted(environment).stacks
    hashes = {name: desired.hash for name, desired in stacks.items()}
    if any(
        freeze_on(ports, rules, each.stack, hashes.get(each.stack.name)).allowed for each in waiting
    ):
        ports.queue.enqueue(
            ApplyEnvironment(
                repository=seen.repository.id,
                environment=environment,
                tip=seen.tip,
                why=f"unfrozen:{why}",
            )
        )


def freeze_schedules(
    ports: Ports, seen: Look, environment: Environment, now: datetime
) -> Iterable[Schedule]:
    """The next edge of each window of the environment."""
    key = seen.key(environment.name)
    # Without windows there is nothing to ask the store for.
    waiting = ports.records.freezes.waiting(key) if environment.freezes else ()
    return edges(environment, key, {each.stack.name for each in waiting}, now)
