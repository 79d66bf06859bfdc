"""Make, from any type's schema, properties that declare everything that the type has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gitbot.model.schema import TypeSchema
from gitbot.reconciler.pointers import Path, PatternSet

DEEPEST = 5
"""Levels of maps and lists to fill. Some schemas nest without end."""


def whole_spec(schema: TypeSchema) -> dict[str, Any]:
    """Every property that a spec may declare, with values of the right shape: two elements in every
    list, each with its own identity. Whether the service would take the values does not matter."""
    return _Filler(schema).map((), schema.json_schema, "a") or {}


def leaves_of(tree: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every leaf of the tree with its path."""
    if isinstance(tree, Mapping):
        for name, item in tree.items():
            yield from leaves_of(item, (*path, name))
    elif isinstance(tree, list):
        for index, item in enumerate(tree):
            yield from leaves_of(item, (*path, str(index)))
    else:
        yield path, tree


class _Filler:
    def __init__(self, schema: TypeSchema) -> None:
        self._root = schema.json_schema
        self._read_only = PatternSet(schema.read_only)
        self._handled = None if schema.handled is None else PatternSet(schema.handled)

    def map(self, path: Path, node: Mapping[str, Any], seed: str) -> dict[str, Any] | None:
        made = {}
        for name, child in self._properties(node).items():
            place = (*path, name)
            if self._read_only.reaches(place) or not self._takes(place):
                continue
            value = self._value(place, child, f"{seed}.{name}")
            if value is not None:
                made[name] = value
        return made or None

    def _takes(self, path: Path) -> bool:
        return self._handled is None or self._handled.touches(path)

    def _value(self, path: Path, node: Any, seed: str) -> Any:
        node = self._resolved(node)
        kind = node.get("type")
        kinds = {kind} if isinstance(kind, str) else set(kind or ())
        if kinds != {"array"} and self._properties(node) and len(path) < DEEPEST:
            return self.map(path, node, seed)
        if "array" in kinds and len(path) < DEEPEST:
            items = [
                self._value((*path, "*"), node.get("items", {"type": "string"}), f"{seed}{n}")
                for n in range(2)
            ]
            return items if None not in items else None
        return self._leaf(node, kinds, seed)

    def _leaf(self, node: Mapping[str, Any], kinds: set[str], seed: str) -> Any:
        if node.get("enum"):
            return node["enum"][0]
        if "string" in kinds:
            return seed
        if kinds & {"integer", "number"}:
            return 1
        if "boolean" in kinds:
            return True
        return {"Free": seed} if "object" in kinds else None

    def _properties(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        parts = [node, *(self._resolved(part) for key in _PARTS for part in node.get(key, ()))]
        return {name: child for part in parts for name, child in part.get("properties", {}).items()}

    def _resolved(self, node: Any) -> Mapping[str, Any]:
        while isinstance(node, Mapping) and "$ref" in node:
            target: Any = self._root
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            node = target
        return node if isinstance(node, Mapping) else {}


_PARTS = ("allOf", "anyOf", "oneOf")
