"""Decide for each replacement whether it creates or deletes first. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from gitbot.model.desired import DesiredStack
from gitbot.model.names import Address
from gitbot.model.plan import Action, Change
from gitbot.model.schema import ReplaceOrder, SchemaLookup, TypeSchema
from gitbot.model.values import Unknown, Value, leaves
from gitbot.reconciler import reasons
from gitbot.reconciler.pointers import parse

Held: TypeAlias = frozenset[Address]
"""The resources that the properties of one use."""


def agree(
    changes: Sequence[Change], named: Mapping[Address, str], uses: Mapping[Address, Held]
) -> list[Change]:
    """The changes, in the same order, with replacement orders that can be carried out.

    ``named`` maps an address to the name that its new object takes over: the old object must be
    deleted first. So must the replaced resources that use it, because the cloud does not delete an
    object in use. Elsewhere, a create-first resource makes the replaced resources that it uses
    create-first too: its new object needs their new ones while its old one still uses the old ones.
    ``uses`` are the resources that the properties of each one use.
    """
    by_address = {change.address: change for change in changes}
    bound = binding(changes, named, uses)
    for change in changes:
        inherited = change.address in bound and change.address not in named
        if inherited and change.replace_order is ReplaceOrder.CREATE_FIRST:
            needed = _first(change, bound, uses)
            if needed is not None:
                why = reasons.goes_before(needed)
                _reorder(by_address, change, ReplaceOrder.DELETE_FIRST, why)
    _create_first(changes, by_address, bound)
    _warn(changes, by_address, named, uses)
    return [by_address[change.address] for change in changes]


def binding(
    changes: Sequence[Change], named: Mapping[Address, str], uses: Mapping[Address, Held]
) -> Mapping[Address, Address]:
    """Each replacement that must delete first, with the one of ``named`` for which it must: itself, or one it uses."""
    bound = {address: address for address in named}
    for change in changes:
        if change.action is Action.REPLACE and change.address not in bound:
            needed = _first(change, bound, uses)
            if needed is not None:
                bound[change.address] = bound[needed]
    return bound


def _first(
    change: Change, bound: Collection[Address], uses: Mapping[Address, Held]
) -> Address | None:
    """The first of those bound that the change's resource uses."""
    used = uses.get(change.address, frozenset())
    return next((one for one in change.depends_on if one in bound and one in used), None)


def _create_first(
    changes: Sequence[Change], by_address: dict[Address, Change], bound: Collection[Address]
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
    changes: Sequence[Change],
    by_address: dict[Address, Change],
    named: Mapping[Address, str],
    uses: Mapping[Address, Held],
) -> None:
    """Add a reason where dependents that are not replaced keep the old object in use."""
    for address, staying in staying_users(changes, named, uses).items():
        change = by_address[address]
        why = reasons.held_by(staying, named[address])
        by_address[address] = replace(change, reasons=(*change.reasons, why))


def staying_users(
    changes: Sequence[Change], going: Collection[Address], uses: Mapping[Address, Held]
) -> Mapping[Address, Sequence[Address]]:
    """For each address of ``going``, the dependents that are not replaced and go on using it.

    Only objects of the same service count: a bucket that has a group's id in a policy does not hold it.
    """
    services = {change.address: service(change.type) for change in changes}
    users: dict[Address, list[Address]] = {}
    for change in changes:
        if change.action in (Action.NOOP, Action.UPDATE):
            for needed in change.depends_on:
                held = needed in going and needed in uses.get(change.address, ())
                if held and services[needed] == services[change.address]:
                    users.setdefault(needed, []).append(change.address)
    return users


def uses_of(
    desired: DesiredStack, named: Mapping[Address, str], schemas: SchemaLookup
) -> Mapping[Address, Held]:
    """The resources that the properties of each one use: by an attribute, or by what ``named`` calls them.

    Neither tags nor ``lifecycle.dependsOn`` hold an object, nor does what a module was given besides.
    """
    return {
        address: used(_untagged(one.properties, schemas(one.type)), named)
        for address, one in desired.resources.items()
        if one.depends_on
    }


def _untagged(properties: Mapping[str, Value], schema: TypeSchema | None) -> Mapping[str, Value]:
    if schema is None or schema.tags_path is None:
        return properties
    first, *_ = parse(schema.tags_path)
    return {name: value for name, value in properties.items() if name != first}


def used(tree: Value, named: Mapping[Address, str]) -> Held:
    """The resources that the values in the tree use: by an attribute, or by what ``named`` calls them."""
    found: set[Address] = set()
    for leaf in leaves(tree):
        if isinstance(leaf, Unknown):
            found.update(leaf.references.values())
            found |= used(dict(leaf.inputs), named)
        elif isinstance(leaf, str):
            found.update(address for address, name in named.items() if name in leaf)
    return frozenset(found)


def service(type_: str) -> str:
    """Return the service of a type: ``AWS::EC2`` of ``AWS::EC2::Instance``."""
    return type_.rpartition("::")[0]


def _reorder(
    by_address: dict[Address, Change], change: Change, order: ReplaceOrder, why: str
) -> None:
    by_address[change.address] = replace(
        change, replace_order=order, reasons=(*change.reasons, why)
    )
