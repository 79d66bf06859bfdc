"""Tells what expressions can read of a resource before it exists. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from gitbot.language.scope import Attributes
from gitbot.language.written import Written
from gitbot.model.names import Address
from gitbot.model.values import (
    Sensitive,
    Unknown,
    Value,
    has_secrets,
    is_known,
    is_sensitive,
    reveal,
)


def attributes_of(one: Written, address: Address, properties: Mapping[str, Value]) -> Attributes:
    """The attributes of a resource that expressions name by its key."""
    if one.type is None:
        return Attributes(address=address)
    if one.is_literal:
        return Attributes(address=address, known=properties, late=one.type.late_keys)
    return Attributes(
        address=address,
        known={name: reveal(value) for name, value in properties.items() if is_known(value)},
        sensitive=frozenset(name for name, value in properties.items() if is_sensitive(value)),
        late=one.type.late_keys,
        made={name: value for name, value in properties.items() if has_secrets(value)},
    )


def attribute_values(
    one: Written, address: Address, properties: Mapping[str, Value]
) -> dict[str, Value]:
    """The attributes of one copy as values: what only the cloud can tell is unknown.

    A property inside of which the cloud adds something is unknown as a whole.
    """
    if one.type is None:
        return {}
    found: dict[str, Value] = {}
    for name in sorted(one.type.names):
        value = properties.get(name)
        if name in properties and is_known(value) and not one.type.late.get(name):
            found[name] = Sensitive(reveal(value)) if is_sensitive(value) else value
        elif has_secrets(value):
            found[name] = value
        else:
            found[name] = Unknown(
                template=f"${{{one.key}.{name}}}",
                references={one.key: address},
                sensitive=is_sensitive(value),
            )
    return found
