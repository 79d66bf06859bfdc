"""Give primitive values the types that a schema declares, as the registry's handlers do. Pure.

A spec or a template may say ``"8080"`` where the schema says integer: AWS takes it, and reading
the object then answers ``8080``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_WORDS = {"true": True, "false": False}


def as_declared(document: Mapping[str, Any], schema: Mapping[str, Any], value: Any) -> Any:
    """The value, its leaves converted where the schema declares another primitive type.

    What cannot be converted stays as it is, for the validation to refuse.
    """
    schema = resolved(document, schema)
    if isinstance(value, dict):
        return {
            name: as_declared(document, _of_property(schema, name), item)
            for name, item in value.items()
        }
    if isinstance(value, list):
        items = schema.get("items")
        element = items if isinstance(items, Mapping) else {}
        return [as_declared(document, element, item) for item in value]
    kinds = schema.get("type", ())
    return _converted(value, (kinds,) if isinstance(kinds, str) else tuple(kinds))


def resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema, or the definition that it refers to."""
    for _ in range(8):
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            break
        schema = document.get("definitions", {}).get(reference.rsplit("/", 1)[-1], {})
    return schema


def _of_property(schema: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    declared = schema.get("properties", {}).get(name)
    if declared is None:
        declared = next(iter(schema.get("patternProperties", {}).values()), {})
    return declared if isinstance(declared, Mapping) else {}


def _converted(value: Any, kinds: tuple[str, ...]) -> Any:
    if isinstance(value, str) and "string" not in kinds:
        return _from_text(value, kinds)
    if isinstance(value, (bool, int, float)) and kinds == ("string",):
        return json.dumps(value)
    return value


def _from_text(text: str, kinds: tuple[str, ...]) -> Any:
    if "boolean" in kinds and text in _WORDS:
        return _WORDS[text]
    for kind, convert in (("integer", int), ("number", float)):
        if kind in kinds:
            try:
                return convert(text)
            except ValueError:
                continue
    return text
