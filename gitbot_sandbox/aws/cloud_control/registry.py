"""Look up the resource types that the Cloud Control API serves, and what fits them. Shell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from gitbot.language.keywords import validator_of
from gitbot.language.validator import SchemaError, Validator
from gitbot.model.schema import TypeSchema
from gitbot.model.values import canonical_json
from gitbot.providers.aws.pack import SchemaPack
from gitbot.reconciler.pointers import ANY, MISSING, Path, parse, put, value_at, values_at
from gitbot_sandbox.aws.cloud_control.lenient import as_declared, resolved
from gitbot_sandbox.aws.cloud_control.refusals import unknown_type, unsupported

PROVISIONABLE = frozenset({"create", "read", "delete"})
"""A type with these handlers can be managed with the API."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedType:
    """A resource type of the registry, and the checks of its schema."""

    schema: TypeSchema
    handlers: frozenset[str]
    validator: Validator

    @property
    def name(self) -> str:
        """``AWS::Logs::LogGroup``."""
        return self.schema.name

    @property
    def document(self) -> Mapping[str, Any]:
        """The JSON schema."""
        return self.schema.json_schema

    @property
    def identifiers(self) -> tuple[tuple[Path, ...], ...]:
        """The paths of the primary identifier, then those of each other identifier."""
        others = self.document.get("additionalIdentifiers") or ()
        pointers = [self.schema.primary_identifier]
        pointers += [tuple(one.removeprefix("/properties") for one in other) for other in others]
        return tuple(tuple(parse(one) for one in each) for each in pointers)

    def misfits(self, model: Mapping[str, Any]) -> list[str]:
        """What does not fit the schema, in the words of AWS; empty: the model is valid."""
        return [
            words for error in self.validator.errors(dict(model)) for words in _words(error, ())
        ]

    def declared(self, model: Mapping[str, Any]) -> dict[str, Any]:
        """The model with the primitive types that the schema declares: ``"1"`` becomes 1."""
        converted: dict[str, Any] = as_declared(self.document, self.document, dict(model))
        return converted

    def readable(self, model: Mapping[str, Any]) -> dict[str, Any]:
        """What reading an object returns: nothing that is write-only, and sets in no order of
        the caller's."""
        shown = without(model, self.schema.write_only)
        for pointer in sorted(self.schema.sets, key=len, reverse=True):
            for path, items in values_at(shown, parse(pointer)):
                if isinstance(items, list):
                    shown = put(shown, path, sorted(items, key=canonical_json))
        return shown

    def given_read_only(self, model: Mapping[str, Any]) -> tuple[str, ...]:
        """The read-only properties that the model has."""
        return tuple(one for one in self.schema.read_only if values_at(model, parse(one)))

    def changed_read_only(
        self, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> tuple[str, ...]:
        """The read-only properties that a caller has changed or taken away.

        A part that is taken away may take its read-only properties along, an element of a list too.
        """
        changed = self.differing(self.schema.read_only, before, after)
        return tuple(one for one in changed if not _went_along(parse(one), before, after))

    def differing(
        self, pointers: Iterable[str], one: Mapping[str, Any], other: Mapping[str, Any]
    ) -> tuple[str, ...]:
        """Those of the pointers at which the two models differ."""
        return tuple(
            pointer
            for pointer in pointers
            if values_at(one, parse(pointer)) != values_at(other, parse(pointer))
        )


def _went_along(path: Path, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether the later model only lacks values because it lacks what they were in."""
    if ANY in path:
        known = [value for _, value in values_at(before, path)]
        return all(value in known for _, value in values_at(after, path))
    return len(path) > 1 and value_at(after, path[:-1]) is MISSING


def without(model: Mapping[str, Any], pointers: Iterable[str]) -> dict[str, Any]:
    """The model without what the pointers name."""
    left = dict(model)
    for pointer in pointers:
        for path, _ in values_at(left, parse(pointer)):
            left = put(left, path, MISSING)
    return left


def served(type_name: str, *actions: str) -> ServedType:
    """The type.

    Raises:
        Refusal: there is no such type, or it has no handler for one of the actions.
    """
    found = lookup(type_name)
    if found is None:
        raise unknown_type(type_name)
    for action in actions:
        if action not in found.handlers or not found.handlers >= PROVISIONABLE:
            raise unsupported(type_name, action.upper())
    return found


@cache
def lookup(type_name: str) -> ServedType | None:
    """The type; None when the pack does not have it."""
    schema = _pack().lookup(type_name)
    if schema is None:
        return None
    return ServedType(
        schema=schema,
        handlers=frozenset(schema.json_schema.get("handlers", ())),
        validator=validator_of(schema.json_schema),
    )


def provisionable() -> tuple[str, ...]:
    """The names of all types that the API can create, read and delete, sorted."""
    return tuple(
        name for name in _pack().names() if (one := lookup(name)) and one.handlers >= PROVISIONABLE
    )


@cache
def forms_of_names(service: str) -> Mapping[str, Mapping[str, Any]]:
    """The schemas with a pattern that the service's types give a property, by its name.

    ``UserPoolId``: what a client of Cognito wants, where the pool itself only says that it is a text.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for name in _pack().names():
        schema = _pack().lookup(name) if name.startswith(f"AWS::{service}::") else None
        for key, declared in (schema.json_schema.get("properties", {}) if schema else {}).items():
            form = resolved(schema.json_schema, declared) if schema else {}
            if "pattern" in form:
                found.setdefault(key, form)
    return found


def part(model: Mapping[str, Any], path: Path) -> str | None:
    """The text of a part of an identifier; None when the model does not have it."""
    value = value_at(model, path)
    if value is MISSING or value is None:
        return None
    return value if isinstance(value, str) else canonical_json(value)


@cache
def _pack() -> SchemaPack:
    return SchemaPack.open()


def _words(error: SchemaError, above: Path) -> Iterator[str]:
    path = (*above, *map(str, error.path))
    if error.context and error.keyword in ("anyOf", "oneOf"):
        yield f"{_place(path)}: #: no subschema matched out of the total of {len(error.limit)}"
        return
    yield f"{_place(path)}: {_reason(error)}"


def _place(path: Path) -> str:
    return "/".join(("#", *path))


def _reason(error: SchemaError) -> str:
    match error.keyword:
        case "required":
            return f"required key [{error.key}] not found"
        case "additionalProperties":
            return f"extraneous key [{error.key}] is not permitted"
        case "type":
            return f"expected type: {error.limit}, found: {type(error.instance).__name__}"
    return error.message or f"failed validation constraint for keyword [{error.keyword}]"
