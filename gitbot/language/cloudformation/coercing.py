"""Brings values of templates to the types that properties want, as CloudFormation does. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gitbot.language.choices import expression_of
from gitbot.language.nodes import Node

_WHOLE: Final = re.compile(r"[-+]?[0-9]{1,18}\Z")
_DECIMAL: Final = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?\Z")
# YAML 1.1, which CloudFormation reads, has these words for booleans: https://yaml.org/type/bool.html
_FLAGS: Final[Mapping[str, bool]] = {
    "true": True, "yes": True, "on": True, "false": False, "no": False, "off": False
}  # fmt: skip
_DEEPEST: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The JSON Schema of a value, in a document with definitions. An empty one takes anything."""

    schema: Mapping[str, Any]
    root: Mapping[str, Any]

    def kinds(self) -> frozenset[str]:
        """The JSON types that it takes; none where it does not say."""
        return frozenset(self._kinds(self.schema, 0))

    def is_list_of_maps(self) -> bool:
        """Whether it takes a list of maps and no map: CloudFormation takes one map for a list of that one."""
        return self.kinds() == {"array"} and self.below(0).kinds() == {"object"}

    def below(self, step: str | int) -> Wanted:
        """What is wanted of the value at a key, or of an element."""
        for one in self._alternatives(self.schema, 0):
            found = _inside(one, step)
            if isinstance(found, Mapping):
                return Wanted(schema=found, root=self.root)
        return Wanted(schema={}, root=self.root)

    def _resolved(self, schema: Any) -> Mapping[str, Any]:
        for _ in range(_DEEPEST):
            reference = schema.get("$ref") if isinstance(schema, Mapping) else None
            if not isinstance(reference, str):
                break
            name = reference.removeprefix("#/definitions/")
            schema = self.root.get("definitions", {}).get(name)
        return schema if isinstance(schema, Mapping) else {}

    def _alternatives(self, schema: Any, depth: int) -> Iterator[Mapping[str, Any]]:
        found = self._resolved(schema)
        yield found
        for keyword in ("anyOf", "oneOf", "allOf"):
            for one in found.get(keyword, ()) if depth < _DEEPEST else ():
                yield from self._alternatives(one, depth + 1)

    def _kinds(self, schema: Any, depth: int) -> set[str]:
        found = self._resolved(schema)
        given = found.get("type")
        if given is not None:
            return {given} if isinstance(given, str) else set(given)
        if "enum" in found:
            return {"string"} if all(isinstance(one, str) for one in found["enum"]) else set()
        for keyword in ("anyOf", "oneOf"):
            if keyword in found and depth < _DEEPEST:
                each = [self._kinds(one, depth + 1) for one in found[keyword]]
                return set[str]().union(*each) if all(each) else set()
        return set()


ANYTHING: Final = Wanted(schema={}, root={})
TEXT: Final = Wanted(schema={"type": "string"}, root={})
NUMBER: Final = Wanted(schema={"type": "number"}, root={})
LIST: Final = Wanted(schema={"type": "array"}, root={})


def _inside(schema: Mapping[str, Any], step: str | int) -> Any:
    if isinstance(step, int):
        return schema.get("items")
    properties = schema.get("properties")
    if isinstance(properties, Mapping) and step in properties:
        return properties[step]
    patterns = schema.get("patternProperties")
    if isinstance(patterns, Mapping) and patterns:
        return next(iter(patterns.values()))
    return schema.get("additionalProperties")


def literal(node: Node, wanted: Wanted) -> Node:
    """The scalar, of the type that is wanted. One that cannot be made so is left as it is."""
    value = _converted(node.value, node.text, wanted.kinds())
    if isinstance(value, str):
        value = escaped(value)
    return Node(value, node.mark, None, node.text, node.text_column)


def escaped(text: str) -> str:
    """The text as a scalar of a spec, in which nothing is an expression."""
    return text.replace("${", "$${")


def _converted(value: Any, text: str | None, kinds: frozenset[str]) -> Any:
    if not kinds or value is None or _is_of(value, kinds):
        return value
    if not isinstance(value, str):
        if "string" in kinds:
            return json.dumps(value) if isinstance(value, bool) or text is None else text
        if "integer" in kinds and isinstance(value, float) and value.is_integer():
            return int(value)
        return value
    if kinds & {"integer", "number"} and _WHOLE.match(value):
        return int(value)
    if "number" in kinds and _DECIMAL.match(value):
        return float(value)
    if "boolean" in kinds:
        return _FLAGS.get(value.lower(), value)
    return value


def _is_of(value: Any, kinds: frozenset[str]) -> bool:
    if isinstance(value, bool):
        return "boolean" in kinds
    if isinstance(value, int):
        return bool(kinds & {"integer", "number"})
    if isinstance(value, float):
        return "number" in kinds
    return isinstance(value, str) and "string" in kinds


def _cel(text: str) -> str:
    return expression_of(Node(text, (1, 1)))


def converted(text: str, given: str, wanted: Wanted) -> str:
    """The template of a scalar, made to give the type that is wanted.

    ``given`` says what it gives: ``string``, ``number``, ``numbers`` for a list of them or, where nobody can
    tell, anything else.
    """
    kinds = wanted.kinds()
    if given == "numbers" and wanted.below(0).kinds() == {"string"}:
        return f"${{{_cel(text)}.map(item, string(item))}}"
    if given == "number" and "string" in kinds and not kinds & {"number", "integer"}:
        return f"${{string({_cel(text)})}}"
    if given != "string" or not kinds or "string" in kinds:
        return text
    if "integer" in kinds:
        return f"${{int({_cel(text)})}}"
    if "number" in kinds:
        return f"${{double({_cel(text)})}}"
    if "boolean" in kinds:
        return f'${{lower({_cel(text)}) == "true"}}'
    return text
