"""Tell the properties of which one must be given. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def alternatives_of(schema: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """The other properties of the map of which one must be given where this one is not; empty if none must."""
    return tuple(
        dict.fromkeys(
            other for group in _groups(schema) if name in group for other in group if other != name
        )
    )


def said_of_alternatives(schema: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """A sentence on what must be given where this property of the map is not; none if nothing must."""
    others = " or ".join(f"`{one}`" for one in alternatives_of(schema, name))
    return (f"Where it is not given, {others} must be.",) if others else ()


def _groups(schema: Mapping[str, Any]) -> Iterator[Sequence[str]]:
    for keyword in ("requiredXor", "requiredOr"):
        if keyword in schema:
            yield schema[keyword]
    for keyword in ("anyOf", "oneOf"):
        required = [
            one["required"] for one in schema.get(keyword, ()) if one.keys() == {"required"}
        ]
        if required and len(required) == len(schema[keyword]):
            yield [names[0] for names in required if len(names) == 1]
    for part in schema.get("allOf", ()):
        yield from _groups(part)
