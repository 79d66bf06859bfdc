"""Read how the source stack of a promotion is: applied, its plan empty, free of drift. Shell."""

from __future__ import annotations

from datetime import datetime

from gitbot.decisions.promotion.soak import Health, counted
from gitbot.errors import CloudError, TransientError, UserError
from gitbot.jobs.steps.planning import plan_stack, read_state
from gitbot.jobs.steps.promotion.world import World
from gitbot.model.cloud import Purpose
from gitbot.model.drift import DriftRow, Phase
from gitbot.model.promotion import PromotionRow, Soak
from gitbot.model.runs import RunKind, RunStatus

_DRIFTS = (Phase.SUSPECT, Phase.OPEN, Phase.ACKNOWLEDGED)


def soaked(world: World, row: PromotionRow, now: datetime) -> Soak:
    """The row's soak, counted until now. The source is planned until its plan was empty once."""
    desired = world.seen.wanted(world.source.name).stacks[row.stack]
    drift = drift_of(world, row.stack)
    known = row.soak.hash == desired.hash and row.soak.verified_at is not None
    ill = [one.since for one in drift if one.phase in _DRIFTS and one.since is not None]
    failed = _failed_since(world, row.stack)
    return counted(
        row.soak,
        Health(
            hash=desired.hash,
            empty=None if known or row.stack in world.unapplied else _is_empty(world, row.stack),
            ill_since=min([*ill, *([failed] if failed is not None else [])], default=None),
            well_since=max(
                (one.ended_at for one in drift if one.ended_at is not None), default=None
            ),
        ),
        now,
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


def _failed_since(world: World, stack: str) -> datetime | None:
    """Since when the last apply of the stack is one that did not end well."""
    runs = world.ports.records.runs.of_stack(world.source_id(stack), RunKind.APPLY, limit=1)
    newest = next(iter(runs), None)
    well = (RunStatus.APPLIED, RunStatus.SUPERSEDED, RunStatus.RELEASED)
    return None if newest is None or newest.status in well else newest.started_at


def _is_empty(world: World, stack: str) -> bool:
    """Whether a plan of the stack that is made now is empty. A stack that cannot be read is not."""
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
        return False
    return plan.empty
