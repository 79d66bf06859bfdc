"""What the loader asks of a resource type, prepared once per load. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from gitbot.language.keywords import Subschema, lenient, strict
from gitbot.model.schema import SchemaLookup, TypeSchema

Trie: TypeAlias = "dict[str, Trie]"
"""Paths by segment; the empty key marks the end of one."""

END = ""

# What the validator looks at; the rest of a registry schema is for readers and other tools, and
# leaving it out makes validation faster.
_BY_NAME = frozenset({"properties", "patternProperties"})
_BRANCHES = frozenset({"anyOf", "oneOf", "allOf", "prefixItems"})
_SUBSCHEMAS = frozenset({"items", "additionalProperties", "not", "if", "then", "else", "contains"})
_DEFINITIONS = "#/definitions/"


def trie_of(paths: Sequence[str]) -> Trie:
    """The JSON pointers as a trie."""
    root: Trie = {}
    for path in paths:
        node = root
        for segment in path.strip("/").split("/"):
            node = node.setdefault(segment, {})
        node[END] = {}
    return root


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceType:
    """One type. ``names`` are its top-level properties; ``late`` are, by top-level property, the
    keys below it that only the cloud gives."""

    schema: TypeSchema
    names: frozenset[str]
    settable: frozenset[str]
    late: Mapping[str, frozenset[str]]
    read_only: Trie
    handled: Trie | None
    strict: Any
    lenient: Any

    @property
    def is_served(self) -> bool:
        """Whether some route of this version serves the type, so that specs may use it."""
        return self.schema.served


def _resource_type(schema: TypeSchema) -> ResourceType:
    document = _Inliner(schema.json_schema).document()
    names = frozenset(schema.json_schema.get("properties", ()))
    late: dict[str, set[str]] = {}
    for path in schema.read_only:
        first, *below = path.strip("/").split("/")
        late.setdefault(first, set()).update(segment for segment in below if segment != "*")
    return ResourceType(
        schema=schema,
        names=names | late.keys(),
        settable=names - {path.strip("/") for path in schema.read_only},
        late={first: frozenset(below) for first, below in late.items()},
        read_only=trie_of(schema.read_only),
        handled=None if schema.handled is None else trie_of(sorted(schema.handled)),
        strict=strict(document),
        lenient=lenient(document),
    )


class _Inliner:
    """Copies a schema with every ``$ref`` replaced by what it names, shared, not repeated."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema
        self._done: dict[str, Subschema] = {}

    def document(self) -> Mapping[str, Any]:
        """The schema without references and without what is not validated."""
        return self._copy(self._schema)  # type: ignore[no-any-return]

    def _copy(self, schema: Any) -> Any:
        if not isinstance(schema, Mapping):
            return schema
        reference = schema.get("$ref")
        if isinstance(reference, str):
            return self._target(reference)
        copy = Subschema()
        for keyword, value in schema.items():
            if keyword in _BY_NAME and isinstance(value, Mapping):
                copy[keyword] = {name: self._copy(one) for name, one in value.items()}
            elif keyword in _BRANCHES and isinstance(value, list):
                copy[keyword] = [self._copy(one) for one in value]
            elif keyword in _SUBSCHEMAS:
                copy[keyword] = self._copy(value)
            elif keyword in strict.VALIDATORS and keyword != "$ref":
                copy[keyword] = value
        return copy

    def _target(self, reference: str) -> Subschema:
        """The definition, one shared copy, so that a definition may contain itself."""
        if reference not in self._done:
            shared = self._done[reference] = Subschema()
            name = reference.removeprefix(_DEFINITIONS)
            definition = self._schema.get("definitions", {}).get(name)
            if reference.startswith(_DEFINITIONS) and isinstance(definition, Mapping):
                shared.update(self._copy(definition))
        return self._done[reference]


@dataclass(frozen=True, slots=True, kw_only=True)
class Types:
    """Looks types up and remembers them. The names are asked only for messages: ``all_names`` for
    "did you mean", ``served_names`` for what this version manages."""

    lookup: SchemaLookup
    all_names: Callable[[], Sequence[str]]
    served_names: Callable[[], Sequence[str]]
    _known: dict[str, ResourceType | None] = field(default_factory=dict)

    def get(self, name: str) -> ResourceType | None:
        """The type, None when there is none of this name."""
        if name not in self._known:
            schema = self.lookup(name)
            self._known[name] = None if schema is None else _resource_type(schema)
        return self._known[name]
