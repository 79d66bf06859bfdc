"""The values that expressions can use. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gitbot.model.names import Address
from gitbot.model.secret_references import INPUT
from gitbot.model.values import Unknown, Value, leaves, map_leaves

PLACEHOLDER = Unknown(template="")
"""Stands for a value that nobody knows: a wrong one, or a variable of a module that is only checked."""


def is_placeholder(value: Unknown) -> bool:
    """Whether the value is a placeholder, or is made of one."""
    return not value.template or any(
        isinstance(leaf, Unknown) and is_placeholder(leaf) for leaf in leaves(value.inputs)
    )


class AnyName(dict[str, Value]):
    """The values of a root that could not be read: every name has a placeholder."""

    def __contains__(self, key: object) -> bool:
        return True

    def __missing__(self, key: str) -> Value:
        return PLACEHOLDER


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributes:
    """The attributes of one resource, as far as they are known.

    ``known`` holds plain values by attribute; every other attribute is unknown. ``sensitive`` names
    the attributes that must not be shown. ``late`` names keys inside known attributes whose values
    only the cloud can give. ``made`` are the attributes that the spec makes of secrets.
    """

    address: Address
    known: Mapping[str, Any] = field(default_factory=dict)
    sensitive: frozenset[str] = frozenset()
    late: frozenset[str] = frozenset()
    made: Mapping[str, Value] = field(default_factory=dict)


def _is_none(_: Address) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The values of names, by root, and resources by key.

    The roots are ``vars``, ``env``, ``stack``, ``locals``, ``each``, and the keys of entries that
    are modules, copied or conditional. Of one that is not there the value is None. ``is_secret`` tells
    which resources are secrets. ``again``: the specs were loaded before, and what names secrets was
    checked then.
    """

    inputs: Mapping[str, Mapping[str, Value] | None]
    resources: Mapping[str, Attributes] = field(default_factory=dict)
    is_secret: Callable[[Address], bool] = _is_none
    again: bool = False


def scope_again(
    unknown: Unknown,
    attributes: Mapping[Address, Mapping[str, Any]],
    bound: Callable[[Unknown], Value],
) -> Scope:
    """What the unknown is evaluated in again, with these attributes of the resources that it references.

    ``bound`` gives the values of those of its inputs that were unknown themselves.
    """

    def value_of(leaf: Value) -> Value:
        return bound(leaf) if isinstance(leaf, Unknown) else leaf

    inputs: dict[str, Mapping[str, Value] | None] = {
        root: map_leaves(values, value_of) if isinstance(values, Mapping) else None
        for root, values in unknown.inputs.items()
        if root != INPUT
    }
    for root in ("vars", "env", "stack"):
        inputs.setdefault(root, {})
    resources = {
        name: Attributes(address=address, known=attributes.get(address, {}))
        for name, address in unknown.references.items()
    }
    return Scope(inputs=inputs, resources=resources, again=True)
