"""Find what carries the tags of resources that leave, and is none of the stack's objects. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gitbot.model.names import Address
from gitbot.model.observed import Found, Lookup
from gitbot.model.plan import Action, Change, Plan
from gitbot.model.recorded import RecordedResource, RecordedStack
from gitbot.reconciler.reasons import GONE
from gitbot.reconciler.recording import known_ids


def lookups_of_copies(plan: Plan, recorded: RecordedStack) -> tuple[Lookup, ...]:
    """A question for each resource whose object goes or is gone: what else has its tags?"""
    asked = [_record(change, recorded) for change in plan.changes]
    return tuple(
        Lookup(
            address=one.address,
            type=one.type,
            route=one.route,
            properties={},
            named=False,
            lineage=recorded.lineage,
            stack=plan.stack.label,
        )
        for one in asked
        if one is not None
    )


def with_copies(
    plan: Plan, recorded: RecordedStack, found: Mapping[Address, Sequence[Found]]
) -> Plan:
    """The plan, whose resources that leave name the objects that carry their tags and stay.

    What an apply has begun to make is none of these: the next one finds it.
    """
    if not found:
        return plan
    known = known_ids(recorded)
    begun = {intent.operation for intent in recorded.intents}

    def told(change: Change) -> Change:
        record = _record(change, recorded)
        there = () if record is None else found.get(record.address, ())
        copies = [
            one.remote_id
            for one in there
            if record is not None
            and (record.type, one.remote_id) not in known
            and one.operation not in begun
        ]
        if not copies:
            return change
        gone = _is_gone(change)
        why = _copies_stay(copies, plan.stack.environment) if gone else _copies_beside(copies)
        return replace(change, reasons=(*change.reasons, why))

    return replace(plan, changes=tuple(map(told, plan.changes)))


def _record(change: Change, recorded: RecordedStack) -> RecordedResource | None:
    """What state has of the object that goes or is gone, with the address that its tags name; None for other changes."""
    goes = change.action in (Action.DELETE, Action.REPLACE) and change.deposed_operation is None
    if not (goes or _is_gone(change)):
        return None
    return recorded.resources.get(change.moved_from or change.address)


def _is_gone(change: Change) -> bool:
    return change.action is Action.FORGET and GONE in change.reasons


def _copies_stay(copies: Sequence[str], environment: str) -> str:
    """What becomes of objects with the tags of one that is gone."""
    carry, them = _carrying(copies)
    return (
        f"{carry} its tags, and state does not know {them}: gitbot leaves {them} in the cloud. To have {them} deleted "
        f"too, run `gitbot recover {environment}` first, or delete {them} by hand."
    )


def _copies_beside(copies: Sequence[str]) -> str:
    """What becomes of objects with the tags of one that is there and leaves.

    Recovering is no way here: it takes the newest of them for the resource.
    """
    carry, them = _carrying(copies)
    return (
        f"{carry} its tags, too, and state does not know {them}: somebody made a copy. gitbot leaves {them} in the "
        f"cloud. Delete {them} by hand, or take gitbot's tags off {them}."
    )


def _carrying(copies: Sequence[str]) -> tuple[str, str]:
    """The objects as a subject with its verb, and the word for them."""
    carry, them = ("carries", "it") if len(copies) == 1 else ("carry", "them")
    return f"{', '.join(f'`{each}`' for each in copies)} {carry}", them
