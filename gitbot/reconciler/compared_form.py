"""Bring values into the form in which they are compared: hidden ones before only their hashes are left. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count

from gitbot.model.schema import TypeSchema
from gitbot.model.values import Sensitive, Value, is_sensitive, leaves, map_leaves


@dataclass(frozen=True, slots=True)
class _Numbered(Sensitive):
    """A sensitive value that can be found again after it was brought into another form."""

    number: int = -1


def as_compared(properties: Mapping[str, Value], schema: TypeSchema | None) -> Mapping[str, Value]:
    """The properties, each as the type's comparison has it: of a policy, ``*`` as a principal and the map that AWS shows for it are one."""
    if schema is None or schema.normalise is None:
        return properties
    forms = schema.normalise(properties)
    return {name: forms.get(name, value) for name, value in properties.items()}


def compared_form(
    properties: Mapping[str, Value], schema: TypeSchema | None
) -> Mapping[str, Value]:
    """The properties, in which each sensitive value has the form that the type's comparison gives it.

    A policy may be written as text, and the cloud shows it as a document: of the text the hash would never be that
    of the document. What is not sensitive stays as it is written.
    """
    if schema is None or schema.normalise is None or not is_sensitive(properties):
        return properties
    numbers = count()

    def number(leaf: Value) -> Value:
        return _Numbered(leaf.value, number=next(numbers)) if isinstance(leaf, Sensitive) else leaf

    shown = schema.normalise(map_leaves(properties, number))
    forms = {one.number: one.value for one in leaves(shown) if isinstance(one, _Numbered)}
    again = count()

    def put(leaf: Value) -> Value:
        if not isinstance(leaf, Sensitive):
            return leaf
        return replace(leaf, value=forms.get(next(again), leaf.value))

    return {name: map_leaves(value, put) for name, value in properties.items()}
