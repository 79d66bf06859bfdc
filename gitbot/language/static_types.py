"""Finds expressions that cannot be what a property wants, before their values are known. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gitbot.language.declared import Path
from gitbot.language.object_kinds import (
    kind_of_text,
    may_name,
    misplaced,
    takes_names,
)
from gitbot.language.templates import ExpressionError, parse_template
from gitbot.language.types import ResourceType
from gitbot.language.validator import SchemaError
from gitbot.model.values import Unknown

_EMPTY: Mapping[str, Any] = {"string": "", "array": [], "object": {}, "boolean": False}


def static_type_errors(
    properties: Mapping[str, Any], type_: ResourceType, types: Mapping[str, ResourceType | None]
) -> Iterator[SchemaError]:
    """An error for each unknown value that cannot become what the schema wants there.

    ``types`` are the types of the stack's resources by key. A text with an expression inside is a
    string. A plain ``${key.Attribute}`` has the type of the attribute, and names the same object. Any
    other expression may be anything.
    """
    leaves: list[tuple[Path, Unknown | str]] = []
    _add_leaves(properties, (), leaves)
    for path, unknown in leaves:
        yield from _of_another_kind(type_, path, unknown, types)
        if isinstance(unknown, str):
            continue
        given = _kind_of(unknown, types)
        schema = type_.schema_at(path)
        wanted = schema.get("type") if schema is not None else None
        if given is None or wanted is None or schema is None:
            continue
        kinds = [wanted] if isinstance(wanted, str) else list(wanted)
        if given not in kinds and {given, *kinds} & {"array", "object"}:
            yield SchemaError(
                keyword="type", instance=_EMPTY[given], limit=wanted, schema=schema, path=path
            )


def _of_another_kind(
    type_: ResourceType,
    path: Path,
    leaf: Unknown | str,
    types: Mapping[str, ResourceType | None],
) -> Iterator[SchemaError]:
    """An error if the leaf names an object of a type that does not belong there."""
    kind = kind_of_text(leaf) if isinstance(leaf, str) else _kind_of_object(leaf, types)
    schema = None if kind is None else type_.schema_at(path)
    if schema is None or (isinstance(leaf, str) and schema.get("format")):
        return  # the validator checks a text whose only format is known
    if isinstance(leaf, Unknown) and _is_name(leaf, types) and takes_names(schema):
        return
    wanted = type_.wanted_at(path)
    if why := misplaced(kind, wanted):
        yield SchemaError(
            keyword="kind",
            instance=leaf if isinstance(leaf, str) else leaf.template,
            limit=wanted,
            schema=schema,
            message=why,
            path=path,
        )


def _kind_of_object(unknown: Unknown, types: Mapping[str, ResourceType | None]) -> str | None:
    key, attribute = _selection(unknown) or ("", "")
    named = types.get(key)
    return None if named is None else named.kind_of(attribute)


def _is_name(unknown: Unknown, types: Mapping[str, ResourceType | None]) -> bool:
    key, attribute = _selection(unknown) or ("", "")
    named = types.get(key)
    return named is not None and named.is_name(attribute)


def _add_leaves(
    tree: Mapping[str, Any] | list[Any], path: Path, found: list[tuple[Path, Unknown | str]]
) -> None:
    """Append the unknown values of the tree, and the texts that may name an object."""
    for step, item in enumerate(tree) if isinstance(tree, list) else tree.items():
        kind = type(item)
        if kind is str:
            if ("-" in item or ":" in item) and may_name(item):
                found.append(((*path, step), item))
        elif kind is dict or kind is list:
            _add_leaves(item, (*path, step), found)
        elif isinstance(item, Unknown):
            found.append(((*path, step), item))


def _kind_of(unknown: Unknown, types: Mapping[str, ResourceType | None]) -> str | None:
    try:
        if parse_template(unknown.template).single is None:
            return "string"
    except ExpressionError:
        return None  # it has a diagnostic of its own
    key, attribute = _selection(unknown) or ("", "")
    type_ = types.get(key)
    schema = None if type_ is None else type_.schema_at((attribute,))
    kind = schema.get("type") if schema is not None else None
    return kind if isinstance(kind, str) and kind in _EMPTY else None


def _selection(unknown: Unknown) -> tuple[str, str] | None:
    """The resource and attribute of a plain ``${key.Attribute}``."""
    try:
        return parse_template(unknown.template).selection
    except ExpressionError:
        return None
