"""Bring properties into the form that a type's schema gives them, so that equal values compare equal. Pure.

AWS returns ``1`` for ``"1"``, ``"true"`` for ``true``, names in small letters, and JSON documents with
their keys in another order. The schema says what a value is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

from gitbot.model.values import keeps_hidden

Properties: TypeAlias = Mapping[str, Any]
Node: TypeAlias = Mapping[str, Any]

_NUMBERS = frozenset({"integer", "number"})
_BRANCHES = ("allOf", "anyOf", "oneOf")
_FOLDED = re.compile(r"\$(lower|upper)case\((\w+)\)")
"""The transforms that only change the case of letters, in JSONata: https://docs.jsonata.org/string-functions.
Others need an interpreter, and are not used."""
_DEEPEST = 24


class Normaliser:
    """Normalises the properties of one type. Safe to use from many threads."""

    def __init__(self, schema: Node) -> None:
        self._schema = schema
        self._folds = folds_of(schema)

    def __call__(self, properties: Properties) -> Properties:
        """The properties in the schema's form; unknown and hidden values stay as they are."""
        return {name: self._top(name, value) for name, value in properties.items()}

    def _top(self, name: str, value: Any) -> Any:
        fold = self._folds.get(name)
        if fold is not None:
            return keeps_hidden(partial(_folded, fold))(value)
        return self._value(value, self._property(self._schema, name), 0)

    def _value(self, value: Any, node: Node, depth: int) -> Any:
        if depth > _DEEPEST or not node:
            return value
        if isinstance(value, Mapping):
            return {
                name: self._value(item, self._property(node, name), depth + 1)
                for name, item in value.items()
            }
        if isinstance(value, (list, tuple)):
            items = self._resolved(node.get("items"))
            return [self._value(item, items, depth + 1) for item in value]
        return self._leaf(value, node, depth)

    def _leaf(self, value: Any, node: Node, depth: int) -> Any:
        return keeps_hidden(partial(self._plain, node=node, depth=depth))(value)

    def _plain(self, value: Any, node: Node, depth: int) -> Any:
        kinds = self._kinds(node)
        if isinstance(value, str) and {"object", "string"} <= kinds:
            document = _document(value)
            return value if document is None else self._value(document, node, depth + 1)
        return scalar(value, kinds)

    def _property(self, node: Node, name: str) -> Node:
        """The schema of a key of a map; {} if the schema says nothing of it."""
        declared = node.get("properties", {}).get(name)
        if declared is not None:
            return self._resolved(declared)
        for pattern, inner in (node.get("patternProperties") or {}).items():
            if _fits(pattern, name):
                return self._resolved(inner)
        further = self._resolved(node.get("additionalProperties"))
        return further or next(filter(None, self._in_branches(node, name)), {})

    def _in_branches(self, node: Node, name: str) -> Sequence[Node]:
        branches = (each for word in _BRANCHES for each in node.get(word) or ())
        return [self._property(self._resolved(each), name) for each in branches]

    def _resolved(self, node: Any) -> Node:
        """The node with the definition that it refers to; {} for what is no schema."""
        for _ in range(8):
            if not isinstance(node, Mapping):
                return {}
            name = node.get("$ref")
            if not isinstance(name, str):
                return node
            node = self._schema.get("definitions", {}).get(name.rsplit("/", 1)[-1])
        return {}

    def _kinds(self, node: Node) -> frozenset[str]:
        """The JSON types that the node allows; empty if it does not say."""
        said = node.get("type")
        if said is not None:
            return frozenset([said] if isinstance(said, str) else said)
        branches = (self._resolved(one) for word in _BRANCHES for one in node.get(word) or ())
        return frozenset[str]().union(*(self._kinds(one) for one in branches))


def scalar(value: Any, kinds: frozenset[str]) -> Any:
    """The value as the one JSON type that it may be; unchanged where it may be several."""
    if isinstance(value, str):
        if kinds and kinds <= _NUMBERS:
            return _number(value)
        if kinds == {"boolean"}:
            return {"true": True, "false": False}.get(value.lower(), value)
    elif kinds == {"string"}:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, (int, float)):
            return str(value)
    return value


def folds_of(schema: Node) -> Mapping[str, Callable[[str], str]]:
    """The top-level properties whose case AWS changes."""
    found: dict[str, Callable[[str], str]] = {}
    for pointer, transform in (schema.get("propertyTransform") or {}).items():
        name = pointer.removeprefix("/properties/")
        match = _FOLDED.fullmatch(str(transform).strip())
        if match is not None and match[2] == name:
            found[name] = str.lower if match[1] == "lower" else str.upper
    return found


def _folded(fold: Callable[[str], str], value: Any) -> Any:
    return fold(value) if isinstance(value, str) else value


def _number(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _document(text: str) -> Any:
    """The map or list in a JSON text; None for any other text."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _fits(pattern: str, name: str) -> bool:
    try:
        return re.search(pattern, name) is not None
    except re.error:  # AWS's patterns are of several dialects
        return True
