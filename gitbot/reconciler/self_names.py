"""Recognise an object's own identifier where a spec may name the object itself. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from gitbot.model.schema import TypeSchema
from gitbot.model.values import Value, map_leaves


def own_identifiers(schema: TypeSchema, observed: Mapping[str, Any] | None) -> frozenset[str]:
    """By what a spec may name the object; empty if its type has no word for itself."""
    if schema.itself is None or observed is None:
        return frozenset()
    told = (observed.get(name) for name in schema.itself.attributes)
    return frozenset(each for each in told if isinstance(each, str) and each)


def naming_itself(
    schema: TypeSchema, own: Collection[str], properties: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The properties, with the type's word where a value is one of the ``own`` identifiers.

    A spec that was written after the object, for an import, often has the identifier itself.
    """
    itself = schema.itself
    if itself is None or not own:
        return properties

    def word(leaf: Value) -> Value:
        return itself.word if isinstance(leaf, str) and leaf in own else leaf

    return {
        name: map_leaves(value, word) if f"/{name}" in itself.within else value
        for name, value in properties.items()
    }
