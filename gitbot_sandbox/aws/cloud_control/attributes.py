"""Make up what AWS decides about an object: names, Arns, ids, states, times and defaults. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from gitbot.reconciler.pointers import ANY, MISSING, Path, parse, put, value_at, values_at
from gitbot_sandbox.aws.cloud_control.lenient import resolved
from gitbot_sandbox.aws.cloud_control.making import Maker
from gitbot_sandbox.aws.cloud_control.registry import ServedType, forms_of_names
from gitbot_sandbox.aws.cloud_control.scalars import NotMadeError

_TELLS_APART = 8
"""From how many characters on two made-up identifiers are hardly ever the same."""
_SETTLED = ("ACTIVE", "AVAILABLE", "READY", "ENABLED", "COMPLETED", "SUCCEEDED", "CREATED")

# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secrettargetattachment.html
_NAMED_AFTER: Mapping[str, Path] = {
    "AWS::SecretsManager::SecretTargetAttachment": ("SecretId",),
}
"""Types whose objects have the identifier of what they belong to, by the property that names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Birth:
    """Where and when an object is made; ``seed`` makes its ids differ from those of others."""

    account: str
    region: str
    at: datetime
    seed: str


def completed(kind: ServedType, model: Mapping[str, Any], birth: Birth) -> dict[str, Any]:
    """The model with everything that AWS adds to what the caller said.

    These are defaults, names that the caller left to AWS, and read-only properties.
    """
    whole: Any = _with_defaults(kind, model)
    for path in kind.identifiers[0]:
        if value_at(whole, path) is MISSING:
            named = value_at(whole, _NAMED_AFTER.get(kind.name, path))
            whole = put(whole, path, _made(kind, path, birth) if named is MISSING else named)
    for pointer in sorted(kind.schema.read_only, key=len):
        path = parse(pointer)
        for place in _places(kind, whole, path):
            if value_at(whole, place) is MISSING:
                whole = put(whole, place, _made(kind, path, birth))
    filled: dict[str, Any] = whole
    return filled


def _with_defaults(kind: ServedType, model: Mapping[str, Any]) -> dict[str, Any]:
    """The model with the top-level defaults that it can have."""
    whole = dict(model)
    hidden = {*kind.schema.read_only, *kind.schema.write_only}
    for name, declared in kind.document["properties"].items():
        if "default" in declared and name not in whole and f"/{name}" not in hidden:
            more = kind.declared({**whole, name: declared["default"]})
            whole = whole if kind.misfits(more) else more
    return whole


def _places(kind: ServedType, model: Mapping[str, Any], path: Path) -> list[Path]:
    """Where the read-only property belongs: at the top, and in parents that are there.

    A map that only has read-only properties is AWS's own, and is made with them.
    """
    if len(path) == 1:
        return [path]
    parent = path[:-1]
    if ANY not in path and value_at(model, parent) is MISSING:
        read_only = kind.schema.read_only
        siblings = node(kind.document, parent).get("properties", ())
        top = f"/{path[0]}"
        own = all(f"{top}/{'/'.join((*path[1:-1], one))}" in read_only for one in siblings)
        return [path] if own and len(path) == 2 else []
    found = values_at(model, parent)
    return [(*at, path[-1]) for at, value in found if isinstance(value, Mapping)]


def _made(kind: ServedType, path: Path, birth: Birth) -> Any:
    """A value of the property; ``MISSING`` if none can be made."""
    schema = node(kind.document, path)
    maker = Maker(kind.document, Random(f"{birth.seed} {path}"), full=True)
    likely = _likely(kind, schema, path, birth)
    form = _wanted(kind, schema, path)
    if form is not None:
        likely = (
            [one for one in likely if maker.accepts(form, one)] + _of_form(maker, form) + likely
        )
    for one in likely:
        if maker.accepts(schema, one):
            return one
    try:
        return maker.value(schema, path)
    except NotMadeError:
        return MISSING


def _wanted(kind: ServedType, schema: Mapping[str, Any], path: Path) -> Mapping[str, Any] | None:
    """The form that other types of the service want an identifier to have where they name it."""
    _, service, noun = kind.name.split("::")
    if len(path) > 1 or path not in kind.identifiers[0] or "pattern" in schema:
        return None
    return forms_of_names(service).get(path[0] if path[0] not in ("Id", "Arn") else noun + path[0])


def _of_form(maker: Maker, form: Mapping[str, Any]) -> list[str]:
    try:
        made = str(maker.value(form, ()))
    except NotMadeError:
        return []
    return [made] if len(made) >= _TELLS_APART else []


def _likely(kind: ServedType, schema: Mapping[str, Any], path: Path, birth: Birth) -> list[Any]:
    """What AWS would say, by the name of the property; it need not fit."""
    for one in _SETTLED:
        if one in schema.get("enum", ()):
            return [one]
    if schema.get("format") == "date-time" or path[-1].endswith(("Time", "Timestamp")):
        return [birth.at.isoformat()]
    digest = hashlib.sha256(f"{birth.seed}{path}".encode()).hexdigest()
    _, service, noun = kind.name.split("::")
    if path[-1].lower().endswith("arn"):
        where = f"arn:aws:{service.lower()}:{birth.region}:{birth.account}"
        return [f"{where}:{noun.lower()}/{digest[:12]}", f"{where}:{noun.lower()}:{digest[:12]}"]
    if path == ("Version",) and path not in kind.identifiers[0]:
        return ["1", 1]
    return [] if "pattern" in schema else [digest[:17], digest[:8]]


def node(document: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    """The schema of a property; an empty one if the schema does not say."""
    schema: Mapping[str, Any] = document
    for step in path:
        schema = resolved(document, schema)
        below = schema.get("items") if step == ANY else schema.get("properties", {}).get(step)
        schema = below if isinstance(below, Mapping) else {}
    return resolved(document, schema)
