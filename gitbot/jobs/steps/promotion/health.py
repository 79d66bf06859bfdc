"""Read how the source stack of a promotion is: applied, its plan empty, free of drift. Shell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gitbot.decisions.promotion.instances import hash_of
from gitbot.decisions.promotion.soak import Health, counted, looks_every, next_look
from gitbot.errors import CloudError, TransientError, UserError
from gitbot.jobs.steps.observing import read_state
from gitbot.jobs.steps.planning import plan_stack
from gitbot.jobs.steps.promotion.world import World
from gitbot.model.cloud import Purpose
from gitbot.model.drift import DriftRow, Phase
from gitbot.model.names import StackId, written_name
from gitbot.model.promotion import NO_SOAK, PromotionRow, Soak
from gitbot.model.runs import RunKind, RunStatus

_DRIFTS = (Phase.SUSPECT, Phase.OPEN, Phase.ACKNOWLEDGED)
_WELL = (RunStatus.APPLIED, RunStatus.SUPERSEDED, RunStatus.RELEASED)


def soaked(world: World, row: PromotionRow, now: datetime) -> Soak:
    """The row's soak, counted until now. The source is planned until its plan was empty once, and while
    it soaks as often as drift is looked for."""
    wanted_hash = hash_of(world.seen.wanted(world.source.name).stacks, row.stack) or ""
    drift = drift_of(world, row.stack)
    failed = any(_has_failed(world, one) for one in world.instances(row.stack))
    ill = failed or any(one.phase in _DRIFTS for one in drift)
    every = looks_every(world.source.drift)
    known = row.soak if row.soak.hash == wanted_hash else NO_SOAK
    at = next_look(known, world.rules.soak, every, now)
    due = at is not None and at <= now and row.stack not in world.unapplied
    return counted(
        row.soak,
        Health(
            hash=wanted_hash,
            empty=_are_empty(world, world.instances(row.stack)) if due else None,
            ill=ill,
            well_since=max(
                (one.ended_at for one in drift if one.ended_at is not None), default=None
            ),
        ),
        now,
        every,
    )


def drift_of(world: World, stack: str) -> tuple[DriftRow, ...]:
    """What is known of drift of the source's stack, in any of its regions."""
    rows = world.ports.records.drift.of_environment(world.seen.key(world.source.name))
    return tuple(row for row in rows if written_name(row.stack.name) == stack)


def drift_words(world: World, stack: str) -> str:
    """What drifts in the source's stack, as a clause; empty when nothing does."""
    for row in drift_of(world, stack):
        if row.phase in _DRIFTS:
            issue = f" (#{row.issue})" if row.issue is not None else ""
            return f"`{row.stack.label}` has {row.finding.value}{issue}"
    return ""


def _has_failed(world: World, stack: StackId) -> bool:
    """Whether the last apply of the stack is one that did not end well."""
    runs = world.ports.records.runs.of_stack(stack, RunKind.APPLY, limit=1)
    newest = next(iter(runs), None)
    return newest is not None and newest.status not in _WELL


def _are_empty(world: World, stacks: Sequence[StackId]) -> bool | None:
    """Whether plans of the stacks that are made now are all empty; None when one cannot be made now."""
    found = [_is_empty(world, one) for one in stacks]
    return False if False in found else None if None in found else True


def _is_empty(world: World, stack_id: StackId) -> bool | None:
    """Whether a plan of the stack that is made now is empty; None when the cloud cannot be read now."""
    engine = world.ports.engine
    desired = world.seen.wanted(world.source.name).stacks[stack_id.name]
    try:
        plan = plan_stack(
            engine,
            engine.clouds.open(world.source, Purpose.PLAN),
            stack=stack_id,
            desired=desired,
            recorded=read_state(engine, stack_id, desired),
            commit=world.seen.tip,
            reviewed=True,
        )
    except (UserError, CloudError, TransientError):
        return None
    return plan.empty
