"""Decide for each replacement whether it creates or deletes first. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gitbot.model.names import Address
from gitbot.model.plan import Action, Change
from gitbot.model.schema import ReplaceOrder
from gitbot.reconciler import reasons


def agree(changes: Sequence[Change], named: Mapping[Address, str]) -> list[Change]:
    """The changes, in the same order, with replacement orders that can be carried out.

    ``named`` maps an address to the name that its new object takes over: the old object must be
    deleted first. So must the replaced resources that use it, because the cloud does not delete an
    object in use. Elsewhere, a create-first resource makes the replaced resources that it uses
    create-first too: its new object needs their new ones while its old one still uses the old ones.
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
    """Add a reason where dependents that are not replaced keep the old object in use."""
    for address, staying in staying_users(changes, named).items():
        change = by_address[address]
        why = reasons.held_by(staying, named[address])
        by_address[address] = replace(change, reasons=(*change.reasons, why))


def staying_users(
    changes: Sequence[Change], named: Mapping[Address, str]
) -> Mapping[Address, Sequence[Address]]:
    """For each address of ``named``, the dependents that are not replaced and go on using it.

    Only objects of the same service count: a bucket that has a group's id in a tag does not hold it.
    """
    services = {change.address: service(change.type) for change in changes}
    users: dict[Address, list[Address]] = {}
    for change in changes:
        if change.action in (Action.NOOP, Action.UPDATE):
            for needed in change.depends_on:
                if needed in named and services[needed] == services[change.address]:
                    users.setdefault(needed, []).append(change.address)
    return users


def service(type_: str) -> str:
    """Return the service of a type: ``AWS::EC2`` of ``AWS::EC2::Instance``."""
    return type_.rpartition("::")[0]


def _reorder(
    by_address: dict[Address, Change], change: Change, order: ReplaceOrder, why: str
) -> None:
    by_address[change.address] = replace(
        change, replace_order=order, reasons=(*change.reasons, why)
    )
