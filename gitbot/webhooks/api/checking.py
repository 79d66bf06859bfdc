"""Checks what comes in by the same schemas that the OpenAPI document shows. Pure.

It knows the part of JSON Schema that the table of routes uses, and fails on the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Schema = Mapping[str, Any]

_KNOWN = frozenset(
    {"type", "properties", "required", "additionalProperties", "items", "maxItems"}
    | {"pattern", "minLength", "maxLength", "minimum", "maximum", "default", "description"}
)


def faults(schema: Schema, value: Any, where: str) -> list[str]:
    """What is wrong with the value, as sentences; ``where`` names it.

    Raises:
        ValueError: the schema has a word that is not checked here.
    """
    unknown = schema.keys() - _KNOWN
    if unknown:
        raise ValueError(f"the schema of {where} has words that are not checked: {sorted(unknown)}")
    return _CHECKS[schema["type"]](schema, value, where)


def _object(schema: Schema, value: Any, where: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{where} must be an object"]
    properties = schema["properties"]
    found = [f"{where} has no {name}" for name in schema.get("required", ()) if name not in value]
    for name, item in value.items():
        if name in properties:
            found += faults(properties[name], item, name)
        else:
            found.append(f"{where} has {name[:60]!r}, which is not known")
    return found


def _array(schema: Schema, value: Any, where: str) -> list[str]:
    if not isinstance(value, list):
        return [f"{where} must be a list"]
    if len(value) > schema["maxItems"]:
        return [f"{where} has more than {schema['maxItems']} items"]
    return [fault for item in value for fault in faults(schema["items"], item, f"each of {where}")]


def _string(schema: Schema, value: Any, where: str) -> list[str]:
    if not isinstance(value, str):
        return [f"{where} must be a text"]
    if len(value) > schema.get("maxLength", len(value)):
        return [f"{where} is longer than {schema['maxLength']} characters"]
    pattern = schema.get("pattern")
    # ``$`` would also match before a line break at the end.
    if pattern is not None and not re.fullmatch(pattern.removeprefix("^").removesuffix("$"), value):
        return [f"{where} must fit the pattern {pattern}"]
    return []


def _integer(schema: Schema, value: Any, where: str) -> list[str]:
    if not isinstance(value, int) or isinstance(value, bool):
        return [f"{where} must be a whole number"]
    if not schema["minimum"] <= value <= schema["maximum"]:
        return [f"{where} must be from {schema['minimum']} to {schema['maximum']}"]
    return []


_CHECKS: Mapping[str, Callable[[Schema, Any, str], list[str]]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": _integer,
}
