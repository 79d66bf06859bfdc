"""Find values that have another shape than the type wants: text where a list belongs. Pure.

The loader checks what it knows. An expression whose value only the cloud gives is checked here, once
it is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gitbot.model.schema import TypeSchema
from gitbot.model.values import Sensitive
from gitbot.reconciler.pointers import Path, words_of


def wrong_shapes(schema: TypeSchema, properties: Mapping[str, Any]) -> tuple[str, ...]:
    """In words, each value that is a list or a map where the schema wants neither, or the reverse."""
    return tuple(_wrong(schema.json_schema, schema.json_schema, properties, ()))


def _wrong(
    root: Mapping[str, Any], node: Mapping[str, Any], value: Any, path: Path
) -> Iterator[str]:
    node = _target(root, node)
    value = value.value if isinstance(value, Sensitive) else value
    wanted = node.get("type")
    kinds = {wanted} if isinstance(wanted, str) else set(wanted or ())
    given = _kind(value)
    if path and value is not None and kinds and not _fits(given, kinds):
        yield f"{words_of(path)} is {_WORDS[given]} and must be {_wish(kinds)}"
    elif isinstance(value, Mapping):
        for name, item in value.items():
            below = node.get("properties", {}).get(name)
            if isinstance(below, Mapping):
                yield from _wrong(root, below, item, (*path, name))
    elif isinstance(value, (list, tuple)) and isinstance(node.get("items"), Mapping):
        for index, item in enumerate(value):
            yield from _wrong(root, node["items"], item, (*path, str(index)))


_WORDS = {"array": "a list", "object": "a map", "scalar": "a single value"}


def _kind(value: Any) -> str:
    if isinstance(value, Mapping):
        return "object"
    return "array" if isinstance(value, (list, tuple)) else "scalar"


def _fits(given: str, kinds: set[str]) -> bool:
    return given in kinds if given != "scalar" else bool(kinds - {"array", "object"})


def _wish(kinds: set[str]) -> str:
    return " or ".join(sorted({_WORDS.get(kind, "a single value") for kind in kinds}))


def _target(root: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    while isinstance(reference := node.get("$ref"), str):
        found = root.get("definitions", {}).get(reference.removeprefix("#/definitions/"))
        if not isinstance(found, Mapping):
            return {}
        node = found
    return node
