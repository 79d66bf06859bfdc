"""What the loader knows of each resource type, prepared when the type is first used. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, TypeVar

from gitbot.language.keywords import validator_of
from gitbot.language.object_kinds import kind_of_attribute, takes_names, wanted_by
from gitbot.language.validator import Validator
from gitbot.model.lookups import LookupKind
from gitbot.model.schema import SchemaLookup, TypeSchema

K = TypeVar("K")
T = TypeVar("T")
Path: TypeAlias = tuple[str | int, ...]
_MOST_REMEMBERED: Final = 2_000

Trie: TypeAlias = "dict[str, Trie]"
"""A set of paths, nested by segment. The key ``END`` marks the end of a path."""

END = ""


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
    """One resource type.

    ``names`` are its top-level properties; ``settable`` those that a spec may set. ``late`` maps a
    top-level property to the keys inside it that only the cloud can give; ``late_keys`` are all
    of these keys. ``identifying`` are the settable properties that become part of the object's
    identifier or ARN.
    """

    schema: TypeSchema
    names: frozenset[str]
    settable: frozenset[str]
    late: Mapping[str, frozenset[str]]
    late_keys: frozenset[str]
    identifying: frozenset[str]
    read_only: Trie
    handled: Trie | None
    validator: Validator
    _schemas: dict[Path, Mapping[str, Any] | None] = field(default_factory=dict)
    _wanted: dict[Path, frozenset[str]] = field(default_factory=dict)
    _kinds: dict[str, str | None] = field(default_factory=dict)

    @property
    def is_served(self) -> bool:
        """Whether this version manages the type, so that specs may use it."""
        return self.schema.served

    def schema_at(self, path: Path) -> Mapping[str, Any] | None:
        """The schema of the value at the path; None where the type's schema does not say."""
        return _remembered(self._schemas, path, self._schema_at)

    def wanted_at(self, path: Path) -> frozenset[str]:
        """The types of which an object belongs at the path: ``wanted_by``. Of a list's items the list may tell."""
        return _remembered(self._wanted, path, self._wanted_at)

    def kind_of(self, attribute: str) -> str | None:
        """The type of the object that an attribute names: ``kind_of_attribute``."""
        return _remembered(
            self._kinds, attribute, lambda name: kind_of_attribute(self.schema, name)
        )

    def is_name(self, attribute: str) -> bool:
        """Whether the attribute may be a name that people chose: another object may be called the same."""
        own = self.schema.primary_identifier == (f"/{attribute}",)
        return attribute in self.settable and (
            own or takes_names(self.schema_at((attribute,)) or {})
        )

    def _wanted_at(self, path: Path) -> frozenset[str]:
        found = wanted_by(self.schema_at(path))
        return found if found or type(path[-1]) is not int else wanted_by(self.schema_at(path[:-1]))

    def _schema_at(self, path: Path) -> Mapping[str, Any] | None:
        root = self.schema.json_schema
        node: Any = root
        for step in path:
            below = (
                node.get("items") if isinstance(step, int) else node.get("properties", {}).get(step)
            )
            while isinstance(below, Mapping) and "$ref" in below:
                name = below["$ref"].removeprefix("#/definitions/")
                below = root.get("definitions", {}).get(name)
            if not isinstance(below, Mapping):
                return None
            node = below
        return node  # type: ignore[no-any-return]


def _remembered(known: dict[K, T], key: K, find: Callable[[K], T]) -> T:
    """What ``find`` says of the key, asked once for most keys."""
    if key not in known:
        if len(known) >= _MOST_REMEMBERED:
            known.clear()
        known[key] = find(key)
    return known[key]


def resource_type(schema: TypeSchema) -> ResourceType:
    """What the loader knows of the type with this schema."""
    hidden = schema.requests.hidden.intersection(schema.read_only)
    names = frozenset(schema.json_schema.get("properties", ())) - {one.strip("/") for one in hidden}
    late: dict[str, set[str]] = {}
    for path in frozenset(schema.read_only) - hidden:
        first, *below = path.strip("/").split("/")
        late.setdefault(first, set()).update(segment for segment in below if segment != "*")
    settable = names - {path.strip("/") for path in schema.read_only}
    return ResourceType(
        schema=schema,
        names=names | late.keys(),
        settable=settable,
        identifying=_identifying(schema) & settable,
        late={first: frozenset(below) for first, below in late.items()},
        late_keys=frozenset[str]().union(*late.values()),
        read_only=trie_of(schema.read_only),
        handled=None if schema.handled is None else trie_of(sorted(schema.handled)),
        validator=validator_of(schema.json_schema),
    )


def _identifying(schema: TypeSchema) -> frozenset[str]:
    """The top-level properties from which the cloud or gitbot makes identifiers.

    ``Path`` is part of every ARN of IAM:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
    """
    others = schema.json_schema.get("additionalIdentifiers") or ()
    found = {*schema.primary_identifier, *(path for paths in others for path in paths)}
    names = {path.removeprefix("/properties").strip("/").split("/")[0] for path in found}
    natural = schema.natural_key or ()
    if len(natural) == 1 or len(schema.primary_identifier) > 1:
        names.update(natural)  # else the object has an id of its own, and these only find it
    return frozenset(names | {"Path"})


def no_kind(_: str) -> LookupKind | None:
    """None: nothing can be looked up."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Types:
    """Looks up resource types and caches them.

    ``all_names`` and ``served_names`` are called only for messages: the first for "did you mean",
    the second to list the types that this version manages. ``kinds`` says what can be looked up of a
    type; ``kind_names`` lists these types for messages.
    """

    lookup: SchemaLookup
    all_names: Callable[[], Sequence[str]]
    served_names: Callable[[], Sequence[str]]
    kinds: Callable[[str], LookupKind | None] = no_kind
    kind_names: Callable[[], Sequence[str]] = tuple
    _known: dict[str, ResourceType | None] = field(default_factory=dict)

    def get(self, name: str) -> ResourceType | None:
        """The type; None when there is none of this name."""
        if name not in self._known:
            schema = self.lookup(name)
            self._known[name] = None if schema is None else resource_type(schema)
        return self._known[name]
