"""Find what carries the tags of resources that are gone and only leave state. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gitbot.model.names import Address
from gitbot.model.observed import Found, Lookup
from gitbot.model.plan import Action, Change, Plan
from gitbot.model.recorded import RecordedStack
from gitbot.reconciler.reasons import GONE, copies_stay
from gitbot.reconciler.recording import known_ids


def lookups_of_gone(plan: Plan, recorded: RecordedStack) -> tuple[Lookup, ...]:
    """A question for each resource that only leaves state because it is gone: what has its tags?"""
    return tuple(
        Lookup(
            address=change.address,
            type=change.type,
            route=recorded.resources[change.address].route,
            properties={},
            named=False,
            lineage=recorded.lineage,
            stack=plan.stack.label,
        )
        for change in plan.changes
        if _leaves(change)
    )


def with_copies(
    plan: Plan, recorded: RecordedStack, found: Mapping[Address, Sequence[Found]]
) -> Plan:
    """The plan, whose resources that leave state name the objects that carry their tags and stay."""
    if not found:
        return plan
    known = known_ids(recorded)

    def told(change: Change) -> Change:
        there = [one.remote_id for one in found.get(change.address, ())]
        copies = [each for each in there if (change.type, each) not in known]
        if not copies or not _leaves(change):
            return change
        why = copies_stay(copies, plan.stack.environment)
        return replace(change, reasons=(*change.reasons, why))

    return replace(plan, changes=tuple(map(told, plan.changes)))


def _leaves(change: Change) -> bool:
    return change.action is Action.FORGET and GONE in change.reasons
