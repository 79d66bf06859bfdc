"""Make up what AWS decides about a new object: its Arn, ids, states and times. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gitbot.reconciler.pointers import ANY, MISSING, Path, parse, put, value_at, values_at
from gitbot_sandbox.aws.cloud_control.lenient import resolved
from gitbot_sandbox.aws.cloud_control.registry import ServedType

_SETTLED = ("ACTIVE", "AVAILABLE", "READY", "ENABLED", "COMPLETED", "SUCCEEDED", "CREATED")


@dataclass(frozen=True, slots=True, kw_only=True)
class Birth:
    """Where and when an object is made; ``seed`` makes its ids differ from those of others."""

    account: str
    region: str
    at: datetime
    seed: str


def completed(kind: ServedType, model: Mapping[str, Any], birth: Birth) -> dict[str, Any]:
    """The model with everything that AWS adds when it makes the object.

    These are defaults, names that the caller left to AWS, and read-only properties.
    """
    whole: Any = {**_defaults(kind), **model}
    for path in kind.identifiers[0]:
        if value_at(whole, path) is MISSING:
            whole = put(whole, path, _made(kind, path, birth))
    for pointer in kind.schema.read_only:
        path = parse(pointer)
        for place in _places(whole, path):
            if value_at(whole, place) is MISSING:
                whole = put(whole, place, _made(kind, path, birth))
    filled: dict[str, Any] = whole
    return filled


def _defaults(kind: ServedType) -> dict[str, Any]:
    hidden = {*kind.schema.read_only, *kind.schema.write_only}
    return {
        name: declared["default"]
        for name, declared in kind.document["properties"].items()
        if "default" in declared and f"/{name}" not in hidden
    }


def _places(model: Mapping[str, Any], path: Path) -> list[Path]:
    """Where the read-only property belongs: at the top, or in parents that are there."""
    if len(path) == 1:
        return [path]
    if path[-1] == ANY:
        return []
    found = values_at(model, path[:-1])
    return [(*parent, path[-1]) for parent, value in found if isinstance(value, Mapping)]


def _made(kind: ServedType, path: Path, birth: Birth) -> Any:
    schema = _node(kind.document, path)
    declared = schema.get("type", "string")
    name = declared if isinstance(declared, str) else declared[0]
    match name:
        case "boolean":
            return False
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "array":
            return []
        case "object":
            return {}
    return _text(kind, schema, path, birth)


def _text(kind: ServedType, schema: Mapping[str, Any], path: Path, birth: Birth) -> str:
    options = schema.get("enum")
    if options:
        return str(next((one for one in _SETTLED if one in options), options[0]))
    if schema.get("format") == "date-time":
        return birth.at.isoformat()
    digest = hashlib.sha256(f"{birth.seed}{path}".encode()).hexdigest()[:17]
    _, service, noun = kind.name.split("::")
    if path[-1].lower().endswith("arn"):
        where = f"arn:aws:{service.lower()}:{birth.region}:{birth.account}"
        return f"{where}:{noun.lower()}/{digest}"
    return digest[: schema.get("maxLength", 17)]


def _node(document: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    """The schema of a property; an empty one if the schema does not say."""
    schema: Mapping[str, Any] = document
    for step in path:
        schema = resolved(document, schema)
        below = schema.get("items") if step == ANY else schema.get("properties", {}).get(step)
        schema = below if isinstance(below, Mapping) else {}
    return resolved(document, schema)
