"""Make values that fit a JSON schema of the registry. Pure.

Whatever is made is tried with the validator of the schema: what it refuses is made differently, or
is not made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from gitbot.language.keywords import KEYWORDS, concerns
from gitbot.language.validator import SchemaDocument, Validator
from gitbot_sandbox.aws.cloud_control.merging import Schema, variants
from gitbot_sandbox.aws.cloud_control.scalars import NotMadeError, boolean, number, text

Path = tuple[str, ...]
_TRIES = 12
_DEEPEST = 12
_OPTIONAL_DEPTH = 3
"""How deep a full value has optional properties."""
_MOST_OPTIONS = 40


@dataclass(slots=True)
class Maker:
    """Makes values for one type. Equal seeds make equal values.

    ``full``: with optional properties. ``left_out`` says of a path (``*`` for elements) whether it
    never belongs into a value.
    """

    document: Schema
    random: Random
    full: bool = False
    left_out: Callable[[Path], bool] = lambda path: False
    _checks: SchemaDocument = field(init=False)

    def __post_init__(self) -> None:
        self._checks = SchemaDocument(self.document, KEYWORDS, concerns)

    def accepts(self, schema: Schema, value: Any) -> bool:
        """Whether the value fits the schema."""
        return self._checks.below(schema).accepts(value)

    def value(self, schema: Schema, path: Path = ()) -> Any:
        """A value that fits the schema.

        Raises:
            NotMadeError: none was found; says why.
        """
        if len(path) > _DEEPEST:
            raise NotMadeError(path, "the schema has no end")
        validator = self._checks.below(schema)
        problem = "no alternative fits"
        for one in variants(self.document, schema):
            for count in range(_TRIES):
                # Some maps only fit with a property that is not required.
                full = (self.full and len(path) <= _OPTIONAL_DEPTH) or count >= _TRIES // 2
                try:
                    value = self._once(one, path, validator if full else None)
                except NotMadeError as error:
                    problem = str(error)
                    break
                errors = validator.errors(value)
                if not errors:
                    return value
                problem = f"{errors[0].keyword} {errors[0].message or errors[0].key}".strip()
        raise NotMadeError(path, problem)

    def _once(self, schema: Schema, path: Path, validator: Validator | None) -> Any:
        """A value that may fit; with a validator, maps have optional properties that it accepts."""
        if "const" in schema:
            return schema["const"]
        for keyword in ("enum", "enumCaseInsensitive"):
            if schema.get(keyword):
                return self.random.choice(schema[keyword])
        match _kind(schema):
            case "object":
                return self._object(schema, path, validator)
            case "array":
                return self._array(schema, path)
            case "boolean":
                return boolean(self.random)
            case "integer" | "number" as kind:
                return number(schema, kind, self.random)
            case "null":
                return None
        return text(schema, path, self.random)

    # --- maps ------------------------------------------------------------------------------------

    def _object(self, schema: Schema, path: Path, validator: Validator | None) -> dict[str, Any]:
        declared = schema.get("properties") or {}
        made: dict[str, Any] = {}
        for name in self._needed(schema):
            if self.left_out((*path, name)):
                raise NotMadeError(path, f"needs {name}, which is read-only")
            made[name] = self.value(declared.get(name, {}), (*path, name))
        if not declared:
            self._add_free(schema, made, path, bool(validator))
        if validator:
            self._add_options(schema, made, path, validator)
        return made

    def _needed(self, schema: Schema) -> Iterator[str]:
        """The required properties, and what they and cfn-lint's keywords need besides."""
        wanted = dict.fromkeys(schema.get("required", ()))
        for keyword in ("requiredXor", "requiredOr"):
            names = schema.get(keyword, ())
            if names and not wanted.keys() & set(names):
                wanted[self.random.choice(names)] = None
        pending = list(wanted)
        while pending:
            name = pending.pop()
            for keyword in ("dependentRequired", "dependencies"):
                others = schema.get(keyword, {}).get(name, ())
                for other in others if isinstance(others, list) else ():
                    if other not in wanted:
                        wanted[other] = None
                        pending.append(other)
        yield from wanted

    def _add_free(self, schema: Schema, made: dict[str, Any], path: Path, full: bool) -> None:
        """Add entries to a map whose keys the schema does not name."""
        least = schema.get("minProperties", 0)
        kinds = schema.get("patternProperties") or {}
        more = schema.get("additionalProperties")
        if not kinds and isinstance(more, Mapping):
            kinds = {"^[a-z]{6}$": more}
        if not kinds and more is not False and (least or full):
            kinds = {"^[a-z]{6}$": {"type": "string"}}
        for pattern, declared in kinds.items():
            for _ in range(max(least, 1) if least or full else 0):
                key = text({"pattern": pattern}, (*path, "*"), self.random)
                made[key] = self.value(declared, (*path, "*"))
            return

    def _add_options(
        self, schema: Schema, made: dict[str, Any], path: Path, validator: Validator
    ) -> None:
        """Add the optional properties with which the value still fits."""
        options = [
            name
            for name in schema.get("properties", {})
            if name not in made and not self.left_out((*path, name))
        ]
        for name in options[:_MOST_OPTIONS]:
            try:
                value = self.value(schema["properties"][name], (*path, name))
            except NotMadeError:
                continue
            if validator.accepts({**made, name: value}) or not validator.accepts(made):
                made[name] = value

    # --- lists -----------------------------------------------------------------------------------

    def _array(self, schema: Schema, path: Path) -> list[Any]:
        first = [self.value(one, (*path, "*")) for one in schema.get("prefixItems", ())]
        least, most = schema.get("minItems", 0), schema.get("maxItems", 1)
        items = schema.get("items")
        element = items if isinstance(items, Mapping) else {"type": "string"}
        made = list(first)
        wanted = max(least, min(1, most))
        for _ in range(wanted * _TRIES):
            if len(made) >= wanted:
                break
            try:
                value = self.value(element, (*path, "*"))
            except NotMadeError:
                if len(made) >= least:
                    break
                raise
            if not schema.get("uniqueItems") or value not in made:
                made.append(value)
        return made


def _kind(schema: Schema) -> str:
    declared = schema.get("type")
    if isinstance(declared, list):
        declared = next((one for one in declared if one != "null"), "null")
    if declared:
        return str(declared)
    if "properties" in schema or "patternProperties" in schema or "required" in schema:
        return "object"
    return "array" if "items" in schema else "string"
