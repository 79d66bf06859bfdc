"""Makes the part of an editor's JSON Schema that describes properties of resource types. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gitbot.language.definitions import place_of_map
from gitbot.model.schema import TypeSchema

# Every value may be an expression, or a text with expressions in it.
_EXPRESSION = {"type": "string", "pattern": r"\$\{"}
# What every editor understands alike; the registry has further keywords, and patterns of Java.
_KEPT = (
    "type",
    "enum",
    "const",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
)


def type_schema(schema: TypeSchema, prose: Mapping[str, str]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of what a spec may say in ``properties`` of this type.

    It has the properties that gitbot handles and a spec can set, each with the text of ``prose``
    (by JSON pointer in the registry's schema). A value may be an expression wherever it stands.
    Definitions are written out where they are used; one that contains itself ends in "anything".
    """
    return _Writer(schema, prose).record(schema.json_schema, "", "", ())


def types_by_name(types: Iterable[tuple[TypeSchema, Mapping[str, str]]]) -> list[dict[str, Any]]:
    """Conditions for a resource of a spec: where ``type`` is this, ``properties`` is that."""
    return [
        {
            "if": {"properties": {"type": {"const": schema.name}}, "required": ["type"]},
            "then": {"properties": {"properties": type_schema(schema, prose)}},
        }
        for schema, prose in types
    ]


class _Writer:
    """Follows a registry schema twice at once: by place in the schema, and by path in a value."""

    def __init__(self, schema: TypeSchema, prose: Mapping[str, str]) -> None:
        self._schema = schema
        self._prose = prose

    def record(
        self, node: Mapping[str, Any], place: str, path: str, seen: tuple[str, ...]
    ) -> dict[str, Any]:
        """An object with the properties that a spec can set, at JSON pointer ``path``."""
        home = place_of_map(self._schema.json_schema.get("definitions", {}), node, place)
        properties = {
            name: self._value(inner, f"{home}/properties/{_escape(name)}", f"{path}/{name}", seen)
            for name, inner in node.get("properties", {}).items()
            if self._settable(f"{path}/{name}")
        }
        required = [name for name in node.get("required", ()) if name in properties]
        return {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }

    def _value(
        self, node: Mapping[str, Any], place: str, path: str, seen: tuple[str, ...]
    ) -> dict[str, Any]:
        shape = {"anyOf": [self._shape(node, place, path, seen), _EXPRESSION]}
        said = self._prose.get(place)
        return {"description": said, **shape} if said else shape

    def _shape(
        self, node: Mapping[str, Any], place: str, path: str, seen: tuple[str, ...]
    ) -> dict[str, Any]:
        reference = node.get("$ref")
        if isinstance(reference, str):
            if reference in seen:
                return {}
            name = reference.rsplit("/", 1)[-1]
            target = self._schema.json_schema.get("definitions", {}).get(name, {})
            return self._shape(target, f"/definitions/{name}", path, (*seen, reference))
        if node.get("properties"):
            return self.record(node, place, path, seen)
        shape = {key: node[key] for key in _KEPT if key in node}
        if isinstance(node.get("items"), Mapping):
            shape["items"] = self._value(node["items"], f"{place}/items", f"{path}/*", seen)
        return shape

    def _settable(self, path: str) -> bool:
        if path in self._schema.read_only:
            return False
        handled = self._schema.handled
        return handled is None or any(
            one == path or one.startswith(f"{path}/") or path.startswith(f"{one}/")
            for one in handled
        )


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
