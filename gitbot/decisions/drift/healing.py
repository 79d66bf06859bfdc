"""Decides what drift is put back without asking, and when. Pure.

Nothing is unless ``drift.heal`` of the environment names its type and path. Never is: what would
replace, delete or create an object, restart a machine or lose something by itself, and what is not
a tag of a stateful type, because a lifecycle rule that is put back may expire data.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from gitbot.decisions.drift.undoing import beyond
from gitbot.model.drift import Difference, Differs, DriftRow, Finding, HealRule, Phase
from gitbot.model.names import Address
from gitbot.model.plan import Action, Change, Plan
from gitbot.model.schema import Disruption, SchemaLookup
from gitbot.reconciler.digest import digest
from gitbot.reconciler.pointers import parse, reaches

FLAPS = 3
"""After as many in a day, drift of a stack is only reported."""
DAY = timedelta(days=1)
FIRST_PAUSE = timedelta(minutes=10)

_IN_PLACE = (Differs.CHANGED, Differs.ADDED, Differs.MISSING)


def healable(
    differences: Iterable[Difference], rules: Sequence[HealRule], schemas: SchemaLookup
) -> tuple[Difference, ...]:
    """The differences of the resources of which all may be put back without asking."""
    found: dict[Address, list[Difference]] = {}
    for one in differences:
        found.setdefault(one.address, []).append(one)
    return tuple(
        one
        for some in found.values()
        if all(_may(each, rules, schemas) for each in some)
        for one in some
    )


def _may(difference: Difference, rules: Sequence[HealRule], schemas: SchemaLookup) -> bool:
    schema, path = schemas(difference.type), parse(difference.path)
    if difference.how not in _IN_PLACE or schema is None:
        return False
    tags = schema.tags_path is not None and reaches(parse(schema.tags_path), path)
    if schema.stateful and not tags:
        return False
    return any(
        difference.type in rule.types and any(reaches(parse(each), path) for each in rule.paths)
        for rule in rules
    )


def may_heal_at(heals: Collection[datetime], now: datetime) -> datetime | None:
    """From when on the stack may be healed, by when it was before; None: today it is only reported.

    The pause after each doubles.
    """
    if reports_until(heals, now) is not None:
        return None
    recent = [at for at in heals if now - at < DAY]
    return max(recent) + FIRST_PAUSE * 2 ** (len(recent) - 1) if recent else now


def reports_until(heals: Collection[datetime], now: datetime) -> datetime | None:
    """Until when drift of the stack is only reported, because it came back too often; None: it is not."""
    recent = sorted(at for at in heals if now - at < DAY)
    return recent[-FLAPS] + DAY if len(recent) >= FLAPS else None


def due_heals(
    rows: Iterable[DriftRow], rules: Sequence[HealRule], schemas: SchemaLookup
) -> tuple[DriftRow, ...]:
    """The rows of which something may be put back, whenever it may be."""
    return tuple(
        row
        for row in rows
        if row.finding is Finding.DRIFT
        and row.phase is Phase.OPEN
        and healable(row.differences, rules, schemas)
    )


def healing(
    plan: Plan, found: Sequence[Difference], rules: Sequence[HealRule], schemas: SchemaLookup
) -> Plan | None:
    """The part of the plan that puts back what may be; None when there is none, or it is not safe.

    ``found`` is what differs now. A plan that would do anything but undo it, such as a change of the
    spec that was not applied yet, is for people.
    """
    if beyond(plan, found):
        return None
    allowed = {one.address for one in healable(found, rules, schemas)}
    changes = tuple(
        change if _is_mild(change) and change.address in allowed else _left(change)
        for change in plan.changes
    )
    part = replace(plan, changes=changes, outputs=())
    return None if part.empty else replace(part, digest=digest(part))


def _is_mild(change: Change) -> bool:
    return (
        change.action is Action.UPDATE
        and change.disruption is Disruption.NONE
        and not change.loses
        and not any(path.forces or path.may_force for path in change.paths)
    )


def _left(change: Change) -> Change:
    """The change, of which nothing is done."""
    return replace(
        change,
        action=Action.NOOP,
        paths=(),
        reasons=(),
        loses="",
        disruption=Disruption.NONE,
        properties_hash="",
    )
