"""Makes the JSON Schema of each kind of spec, for editors, from the table of fields. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, assert_never

from gitbot.language.editor_types import types_by_name
from gitbot.language.field_shapes import (
    Anything,
    Flag,
    Later,
    ListOf,
    MapOf,
    Number,
    Parsed,
    Record,
    Shape,
    Text,
)
from gitbot.language.fields import KINDS
from gitbot.language.spec_test_fields import TEST
from gitbot.model.schema import TypeSchema

DIALECT = "https://json-schema.org/draft/2020-12/schema"
WRITTEN = {**KINDS, "Test": TEST}
"""All kinds of documents that people write; the loader reads no tests."""
WITH_RESOURCES = ("Stack", "Module")


def json_schema(
    kind: str | None = None,
    types: Iterable[tuple[TypeSchema, Mapping[str, str]]] = (),
    modules: Sequence[str] = (),
    type_names: Sequence[str] = (),
) -> dict[str, Any]:
    """The JSON Schema (2020-12) of one kind; of every kind when ``kind`` is None.

    ``types`` are the resource types whose properties it describes too, each with AWS's texts;
    ``modules`` are names of modules that it completes, ``type_names`` those of types.

    Raises:
        KeyError: there is no such kind.
    """
    kinds = {name: shape_schema(record) for name, record in WRITTEN.items()}
    known = tuple(types)
    shared: dict[str, Any] = {}
    if known:
        shared = {"$defs": {"resource": {"allOf": types_by_name(known)}}}
        for name in WITH_RESOURCES:
            _know_types(kinds[name], list(type_names or (one.name for one, _ in known)))
    for name in WITH_RESOURCES if modules else ():
        _resource(kinds[name])["properties"]["module"]["examples"] = list(modules)
    if kind is None:
        head = {"$schema": DIALECT, "title": "gitbot spec"}
        return {**head, "oneOf": list(kinds.values()), **shared}
    used = shared if kind in WITH_RESOURCES else {}
    return {"$schema": DIALECT, "title": f"gitbot {kind}", **kinds[kind], **used}


def _know_types(kind: dict[str, Any], names: list[str]) -> None:
    """Let the resources of the kind have their properties by type, and complete the type's name."""
    resource = _resource(kind)
    resource["allOf"] = [{"$ref": "#/$defs/resource"}]
    written = resource["properties"]["type"]
    said = written.pop("description")
    resource["properties"]["type"] = {"description": said, "anyOf": [{"enum": names}, written]}


def _resource(kind: dict[str, Any]) -> dict[str, Any]:
    """The schema of one entry of ``resources``."""
    spec = kind["properties"]["spec"]["properties"]
    return spec["resources"]["additionalProperties"]  # type: ignore[no-any-return]


def shape_schema(shape: Shape) -> dict[str, Any]:
    """The JSON Schema of one shape."""
    match shape:
        case Text():
            return _text(shape)
        case Flag():
            return {"type": "boolean"}
        case Number():
            kind = "integer" if shape.whole else "number"
            return {"type": kind, "minimum": shape.least, "maximum": shape.most}
        case Parsed():
            shown = {"examples": list(shape.examples)} if shape.examples else {}
            return {**_text(Text(pattern=shape.pattern, longest=shape.longest)), **shown}
        case Anything():
            return {}
        case ListOf():
            return {"type": "array", "items": shape_schema(shape.item)}
        case MapOf():
            return _map(shape)
        case Record():
            return _record(shape)
        case Later():
            return {"not": {}}
        case _:
            assert_never(shape)


def _text(shape: Text) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "maxLength": shape.longest}
    if shape.choices:
        return {"type": "string", "enum": list(shape.choices)}
    if shape.pattern:
        # (?s) is Python's; ECMA regular expressions, which editors use, have no such prefix.
        pattern = shape.pattern.removeprefix("(?s)")
        schema["pattern"] = f"^(?:{pattern})$"
    return schema


def _map(shape: MapOf) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": ["object", "null"],
        "additionalProperties": shape_schema(shape.value),
    }
    if shape.key.pattern:
        schema["propertyNames"] = _text(shape.key)
    return schema


def _record(shape: Record) -> dict[str, Any]:
    served = {key: one for key, one in shape.fields.items() if not isinstance(one.shape, Later)}
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {
            key: {"description": one.doc, **shape_schema(one.shape)} for key, one in served.items()
        },
        "required": [key for key, one in served.items() if one.required],
        "additionalProperties": False,
    }
    if shape.instead is not None:
        required = schema.pop("required")
        schema["anyOf"] = [{"required": required}, {"required": [shape.instead]}]
    if shape.shorthand is None:
        return schema
    short = shape.fields[shape.shorthand].shape
    scalar = {"type": ["string", "number", "boolean"]}
    return {"anyOf": [scalar if isinstance(short, Anything) else shape_schema(short), schema]}
