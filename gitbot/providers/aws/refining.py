"""Tighten a type's JSON Schema where its service wants more than the registry says. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

Schema: TypeAlias = Mapping[str, Any]
Refine: TypeAlias = Callable[[Schema], Schema]

TEXTS: Final[Schema] = {"type": "object", "additionalProperties": {"type": "string"}}
"""Keywords of a map of texts, as variables of a process are, where the registry takes any value."""


def refining(limits: Mapping[str, Schema]) -> Refine:
    """``refine`` that adds keywords to the schemas at these paths; ``*`` stands for list elements.

    ``allOf`` is extended, any other keyword replaced. A definition is copied to where the path
    meets it, so that its other uses stay as they are. A property of an alternative (``oneOf``, ``anyOf``) is
    found there. Raises KeyError if the schema has no such path.
    """

    def refine(schema: Schema) -> Schema:
        for path, keywords in limits.items():
            schema = _at(schema, schema, path.strip("/").split("/"), keywords)
        return schema

    return refine


def together(*refines: Refine) -> Refine:
    """``refine`` that does all of these, one after the other."""

    def refine(schema: Schema) -> Schema:
        for one in refines:
            schema = one(schema)
        return schema

    return refine


def without_blanks(*names: str) -> Refine:
    """``refine`` that takes no empty text, but for properties of these names."""

    def refine(schema: Schema) -> Schema:
        return {
            **schema,
            "properties": _filled(schema["properties"], names),
            "definitions": {
                name: {**one, "properties": _filled(one["properties"], names)}
                if "properties" in one
                else one
                for name, one in schema.get("definitions", {}).items()
            },
        }

    return refine


def _filled(properties: Schema, names: tuple[str, ...]) -> Schema:
    return {
        name: {"minLength": 1, **one} if one.get("type") == "string" and name not in names else one
        for name, one in properties.items()
    }


def _at(root: Schema, node: Schema, steps: list[str], keywords: Schema) -> Schema:
    if "$ref" in node:
        name = node["$ref"].removeprefix("#/definitions/")
        beside = {key: value for key, value in node.items() if key != "$ref"}
        node = {**root["definitions"][name], **beside}
    if not steps or steps == [""]:
        more = (
            {"allOf": [*node.get("allOf", ()), *keywords["allOf"]]} if "allOf" in keywords else {}
        )
        return {**node, **keywords, **more}
    step, rest = steps[0], steps[1:]
    if step == "*":
        return {**node, "items": _at(root, node["items"], rest, keywords)}
    if step not in node.get("properties", {}):
        return {**node, **_branches(root, node, steps, keywords)}
    properties = node["properties"]
    return {
        **node,
        "properties": {**properties, step: _at(root, properties[step], rest, keywords)},
    }


def _branches(root: Schema, node: Schema, steps: list[str], keywords: Schema) -> Schema:
    """The alternatives of the node, with the keywords at the path in each that has it."""
    kinds = {kind: node[kind] for kind in ("oneOf", "anyOf") if kind in node}
    if not any(steps[0] in one.get("properties", {}) for some in kinds.values() for one in some):
        raise KeyError(steps[0])
    return {
        kind: [
            _at(root, one, steps, keywords) if steps[0] in one.get("properties", {}) else one
            for one in some
        ]
        for kind, some in kinds.items()
    }
