"""Tell what is not known of an owner before the objects are made that belong to it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from gitbot.model.desired import DesiredStack
from gitbot.model.names import Address
from gitbot.model.schema import SchemaLookup
from gitbot.model.values import Unknown, Value, leaves


def changing_attributes(
    desired: DesiredStack, made: Collection[Address], schemas: SchemaLookup
) -> Mapping[Address, frozenset[str]]:
    """Which attributes of which resources are others once the objects that are not ``made`` yet are.

    A VPC tells its IPv6 block only after the block was added, by a resource of its own.
    """
    found: dict[Address, frozenset[str]] = {}
    for address in desired.resources.keys() - set(made):
        item = desired.resources[address]
        schema = schemas(item.type)
        parent = None if schema is None else schema.parent
        if parent is None or not parent.gives:
            continue
        for owner in _referred(item.properties.get(parent.reference)):
            if owner in desired.resources and desired.resources[owner].type == parent.type:
                found[owner] = found.get(owner, frozenset()) | parent.gives
    return found


def _referred(tree: Value) -> Iterator[Address]:
    for leaf in leaves(tree):
        if isinstance(leaf, Unknown):
            yield from leaf.references.values()
