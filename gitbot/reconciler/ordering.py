"""Which half of each replacement comes first, agreed between resources that use each other. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gitbot.model.names import Address
from gitbot.model.plan import Action, Change
from gitbot.model.schema import ReplaceOrder
from gitbot.reconciler import reasons


def agree(changes: Sequence[Change], named: Mapping[Address, str]) -> list[Change]:
    """The changes, dependencies first as given, with replacement orders that can be carried out.

    What keeps its name (``named``: address to name) must be deleted first, and so must be what uses it: the old
    object cannot go while an old dependent holds it. For all else a create-first resource makes
    the replaced resources that it uses create-first too: the new one needs their new objects while
    the old one still holds the old.
    """
    by_address = {change.address: change for change in changes}
    bound = set(named)
    _delete_first(changes, by_address, bound)
    _create_first(changes, by_address, bound)
    _warn(changes, by_address, named)
    return [by_address[change.address] for change in changes]


def _delete_first(
    changes: Sequence[Change], by_address: dict[Address, Change], bound: set[Address]
) -> None:
    for change in changes:
        if change.action is not Action.REPLACE or change.address in bound:
            continue
        needed = next((item for item in change.depends_on if item in bound), None)
        if needed is None:
            continue
        bound.add(change.address)
        if change.replace_order is ReplaceOrder.CREATE_FIRST:
            _reorder(by_address, change, ReplaceOrder.DELETE_FIRST, reasons.goes_before(needed))


def _create_first(
    changes: Sequence[Change], by_address: dict[Address, Change], bound: set[Address]
) -> None:
    for place in reversed(changes):
        change = by_address[place.address]
        if change.replace_order is not ReplaceOrder.CREATE_FIRST:
            continue
        for needed in change.depends_on:
            other = by_address.get(needed)
            if other is None or needed in bound:
                continue
            if other.replace_order is ReplaceOrder.DELETE_FIRST:
                why = reasons.follows(change.address)
                _reorder(by_address, other, ReplaceOrder.CREATE_FIRST, why)


def _warn(
    changes: Sequence[Change], by_address: dict[Address, Change], named: Mapping[Address, str]
) -> None:
    """Dependents that stay keep the old object in use while it is to be deleted."""
    users: dict[Address, list[Address]] = {}
    for change in changes:
        if change.action in (Action.NOOP, Action.UPDATE):
            for needed in change.depends_on:
                if needed in named:
                    users.setdefault(needed, []).append(change.address)
    for address, staying in users.items():
        change = by_address[address]
        why = reasons.held_by(staying, named[address])
        by_address[address] = replace(change, reasons=(*change.reasons, why))


def _reorder(
    by_address: dict[Address, Change], change: Change, order: ReplaceOrder, why: str
) -> None:
    by_address[change.address] = replace(
        change, replace_order=order, reasons=(*change.reasons, why)
    )
