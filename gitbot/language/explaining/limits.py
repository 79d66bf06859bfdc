"""Says in sentences what a schema wants of one value. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def limits_of(node: Mapping[str, Any]) -> Iterator[str]:
    """The choices, the least and the most, and the pattern."""
    if "enum" in node:
        yield f"Allowed are {', '.join(map(str, node['enum']))}."
    for least, most, what in (
        ("minLength", "maxLength", "characters"),
        ("minItems", "maxItems", "entries"),
        ("minimum", "maximum", ""),
    ):
        low, high = node.get(least), node.get(most)
        if low is not None and high is not None:
            yield f"From {low} to {high} {what}".rstrip() + "."
        elif low is not None or high is not None:
            yield (
                f"At {'least' if high is None else 'most'} {low if high is None else high} {what}".rstrip()
                + "."
            )
    if isinstance(node.get("pattern"), str):
        yield f"It matches the pattern {node['pattern']}"
