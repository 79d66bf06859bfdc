"""Finds expressions whose type cannot be the one that a property wants, before they are known. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gitbot.language.declared import Path
from gitbot.language.templates import ExpressionError, parse_template
from gitbot.language.types import ResourceType
from gitbot.language.validator import SchemaError
from gitbot.model.values import Unknown

_EMPTY: Mapping[str, Any] = {"string": "", "array": [], "object": {}, "boolean": False}


def static_type_errors(
    properties: Mapping[str, Any], type_: ResourceType, types: Mapping[str, ResourceType | None]
) -> Iterator[SchemaError]:
    """A type error for each unknown value that cannot become what the schema wants there.

    ``types`` are the types of the stack's resources by key. A text with an expression inside is a
    string. A plain ``${key.Attribute}`` has the type of the attribute. Any other expression may be
    anything.
    """
    for path, unknown in _unknowns(properties, ()):
        given = _kind_of(unknown, types)
        schema = _schema_at(type_.schema.json_schema, path)
        wanted = schema.get("type") if schema is not None else None
        if given is None or wanted is None or schema is None:
            continue
        kinds = [wanted] if isinstance(wanted, str) else list(wanted)
        if given not in kinds and {given, *kinds} & {"array", "object"}:
            yield SchemaError(
                keyword="type", instance=_EMPTY[given], limit=wanted, schema=schema, path=path
            )


def _unknowns(value: Any, path: Path) -> Iterator[tuple[Path, Unknown]]:
    if isinstance(value, Unknown):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _unknowns(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unknowns(item, (*path, index))


def _kind_of(unknown: Unknown, types: Mapping[str, ResourceType | None]) -> str | None:
    try:
        single = parse_template(unknown.template).single
    except ExpressionError:
        return None  # it has a diagnostic of its own
    if single is None:
        return "string"
    if single.selection is None:
        return None
    key, attribute = single.selection
    type_ = types.get(key)
    schema = None if type_ is None else _schema_at(type_.schema.json_schema, (attribute,))
    kind = schema.get("type") if schema is not None else None
    return kind if isinstance(kind, str) and kind in _EMPTY else None


def _schema_at(root: Mapping[str, Any], path: Path) -> Mapping[str, Any] | None:
    """The schema of the value at the path; None where the schema does not say."""
    node: Any = root
    for step in path:
        below = node.get("items") if isinstance(step, int) else node.get("properties", {}).get(step)
        while isinstance(below, Mapping) and "$ref" in below:
            name = below["$ref"].removeprefix("#/definitions/")
            below = root.get("definitions", {}).get(name)
        if not isinstance(below, Mapping):
            return None
        node = below
    return node  # type: ignore[no-any-return]
