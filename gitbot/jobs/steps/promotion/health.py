"""Read how the source stack of a promotion is: applied, its plan empty, free of drift. Shell."""

from __future__ import annotations

from datetime import datetime

from gitbot.decisions.promotion.soak import Health, counted, looks_every, next_look
from gitbot.errors import CloudError, TransientError, UserError
from gitbot.jobs.steps.observing import read_state
from gitbot.jobs.steps.planning import plan_stack
from gitbot.jobs.steps.promotion.world import World
from gitbot.model.cloud import Purpose
from gitbot.model.drift import DriftRow, Phase
from gitbot.model.promotion import NO_SOAK, PromotionRow, Soak
from gitbot.model.runs import RunKind, RunStatus

_DRIFTS = (Phase.SUSPECT, Phase.OPEN, Phase.ACKNOWLEDGED)
_WELL = (RunStatus.APPLIED, RunStatus.SUPERSEDED, RunStatus.RELEASED)


def soaked(world: World, row: PromotionRow, now: datetime) -> Soak:
    """The row's soak, counted until now. The source is planned until its plan was empty once, and while
    it soaks as often as drift is looked for."""
    desired = world.seen.wanted(world.source.name).stacks[row.stack]
    drift = drift_of(world, row.stack)
    ill = any(one.phase in _DRIFTS for one in drift) or _has_failed(world, row.stack)
    every = looks_every(world.source.drift)
    known = row.soak if row.soak.hash == desired.hash else NO_SOAK
    at = next_look(known, world.rules.soak, every, now)
    due = at is not None and at <= now and row.stack not in world.unapplied
    return counted(
        row.soak,
        Health(
            hash=desired.hash,
            empty=_is_empty(world, row.stack) if due else None,
            ill=ill,
            well_since=max(
                (one.ended_at for one in drift if one.ended_at is not None), default=None
            ),
        ),
        now,
        every,
    )


def drift_of(world: World, stack: str) -> tuple[DriftRow, ...]:
    """What is known of drift of the source's stack."""
    rows = world.ports.records.drift.of_environment(world.seen.key(world.source.name))
    return tuple(row for row in rows if row.stack.name == stack)


def drift_words(world: World, stack: str) -> str:
    """What drifts in the source's stack, as a clause; empty when nothing does."""
    for row in drift_of(world, stack):
        if row.phase in _DRIFTS:
            issue = f" (#{row.issue})" if row.issue is not None else ""
            return f"{world.source.name}/{stack} has {row.finding.value}{issue}"
    return ""


def _has_failed(world: World, stack: str) -> bool:
    """Whether the last apply of the stack is one that did not end well."""
    runs = world.ports.records.runs.of_stack(world.source_id(stack), RunKind.APPLY, limit=1)
    newest = next(iter(runs), None)
    return newest is not None and newest.status not in _WELL


def _is_empty(world: World, stack: str) -> bool | None:
    """Whether a plan of the stack that is made now is empty; None when the cloud cannot be read now."""
    engine, stack_id = world.ports.engine, world.source_id(stack)
    desired = world.seen.wanted(world.source.name).stacks[stack]
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
