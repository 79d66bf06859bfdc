"""What gitbot knows of a resource type: the registry schema and a native type's own rules. Pure.

Paths are JSON pointers below the properties, without a ``/properties`` prefix, ``*`` standing for
any list index or map key: ``/Tags/*/Key``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from gitbot.model.values import Json


class TagShape(StrEnum):
    """How a type spells its tags: ``[{Key, Value}]`` or ``{key: value}``."""

    LIST = "list"
    MAP = "map"


class ReplaceOrder(StrEnum):
    """Which half of a replacement comes first."""

    CREATE_FIRST = "create-first"
    DELETE_FIRST = "delete-first"


class Disruption(StrEnum):
    """What a change does to something that runs. Ordered from harmless to worst."""

    NONE = "none"
    RESTART = "restart"
    REPLACE = "replace"


class Route(StrEnum):
    """The API that serves a resource; recorded with it and sticky."""

    NATIVE = "native"
    CLOUD_CONTROL = "cloudcontrol"


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """What removing a path from the spec means: back to ``default``; ``says`` tells the person.

    ``default`` None means that the property is deleted.
    """

    default: Json
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOf:
    """The object is an element of a list that its owner may declare as a whole.

    ``reference`` names the owner, an object of type ``owner``; ``property`` is the owner's list.
    """

    owner: str
    reference: str
    property: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeSchema:
    """One resource type. ``handled`` None means that the route takes every property.

    ``route`` is the one that new objects are made by; an object keeps the route that is recorded
    with it. ``served``: this version of gitbot has a handler for that route and type.
    ``sets``: lists whose order has no meaning. ``identities``: for a list of maps, the keys by
    which its elements pair. ``removals``: what the type does when a declared path is removed; a
    path without an entry cannot be removed. ``restarts``: top-level paths that change only while
    the object is stopped; ``volatile``: read-only attributes that such a restart may change. ``open_lists``: lists
    of which only the declared elements are managed (the cloud adds others by itself).
    ``normalise``: brings a property tree (desired or observed) into the one form in which
    it is compared, e.g. protocol numbers to names. ``bulk``: read in pages, not one by one.
    ``client_token``: the creating call takes a token, and the same token again makes no second
    object. ``natural_key``: the properties that together name the object in the cloud, when the spec
    gives them. ``part_of``: the list of an owner in which the object also shows.
    """

    name: str
    route: Route
    served: bool = True
    create_only: tuple[str, ...] = ()
    conditional_create_only: tuple[str, ...] = ()
    read_only: tuple[str, ...] = ()
    write_only: tuple[str, ...] = ()
    primary_identifier: tuple[str, ...] = ()
    sets: frozenset[str] = frozenset()
    identities: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    handled: frozenset[str] | None = None
    removals: Mapping[str, Removal] = field(default_factory=dict)
    restarts: frozenset[str] = frozenset()
    client_token: bool = False
    volatile: frozenset[str] = frozenset()
    open_lists: frozenset[str] = frozenset()
    normalise: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    natural_key: tuple[str, ...] | None = None
    part_of: PartOf | None = None
    tags_path: str | None = None
    tag_shape: TagShape | None = None
    replace_order: ReplaceOrder = ReplaceOrder.CREATE_FIRST
    stateful: bool = False
    updatable: bool = True
    json_schema: Mapping[str, Any] = field(default_factory=dict)
    schema_hash: str = ""


SchemaLookup: TypeAlias = Callable[[str], TypeSchema | None]
"""From type name to schema; None for a type that is not in the registry."""
