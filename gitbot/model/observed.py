"""Observed state: what the cloud says now. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from gitbot.model.names import Address, RemoteId
from gitbot.model.schema import Route
from gitbot.model.values import Json, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """The object exists. ``properties`` has the names of the schema, read-only ones included.

    ``ownership`` are its ``gitbot:*`` tags; empty for a type that takes no tags. ``unmarked``: it takes tags, they
    were read, and none says whose it is. ``described`` is the cloud's own description, which only the cloud's adapter
    reads; it may be missing.
    """

    remote_id: RemoteId
    properties: Mapping[str, Json] = field(default_factory=dict)
    ownership: Mapping[str, str] = field(default_factory=dict)
    unmarked: bool = False
    described: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """The object does not exist. The cloud of the right account and region said so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """The object was not read (``--no-refresh``). It is assumed to equal recorded state."""


Observation: TypeAlias = Present | Absent | Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An object that was found by name or tag.

    ``operation``, ``lineage``, ``address`` and ``stack`` (its label) come from its ownership tags; None
    for a missing tag. ``parents`` are the properties by which the object itself says what it is part of, where
    its natural key does not.
    """

    remote_id: RemoteId
    operation: str | None = None
    lineage: str | None = None
    address: str | None = None
    stack: str | None = None
    parents: Mapping[str, Json] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stray:
    """An object of this type that carries gitbot's tags, whether or not a state knows it."""

    type: str
    found: Found


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """A question before a create: is there an object that this resource may be already?

    ``properties`` are the desired ones that are known; ``named``: they have the whole natural key.
    Without a name, an object is looked for whose tags name ``address`` and ``lineage``, or ``address``
    and the label ``stack`` if the stack was never applied with this store (``lineage`` None).
    """

    address: Address
    type: str
    route: Route
    properties: Mapping[str, Json]
    named: bool
    lineage: str | None
    stack: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """An object that a plan would make or change, to ask whether it becomes what its spec means.

    ``properties`` are the desired ones; None stands for what is unknown or sensitive in them.
    ``changed`` are the top-level properties that an update in place changes; None for a new object.
    ``remote_id`` is the object that is updated.
    """

    address: Address
    type: str
    route: Route
    properties: Mapping[str, Json]
    changed: frozenset[str] | None = None
    remote_id: RemoteId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Removing:
    """An object that a plan would delete, to ask whether the cloud will do it.

    ``empties``: what is in it is deleted with it. ``first``: it goes before the object that replaces it
    is made.
    """

    address: Address
    type: str
    remote_id: RemoteId
    empties: bool = False
    first: bool = False


Deed: TypeAlias = Making | Removing
"""What a plan would do with one object. A replacement is two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """Why the cloud will refuse a deed, or make something else of it than its spec means, and what to do.

    ``remark``: it is told in the plan. Without, there is no plan: the spec must be changed first.
    """

    address: Address
    why: str
    fix: str
    remark: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What state has of an object: its properties as they were applied last, and ``marks``: the tags that say whose
    it is, by key."""

    properties: Mapping[str, Value]
    marks: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRequest:
    """One object to read, through its recorded ``route``.

    ``surfaces`` are the top-level properties that the answer must have. Others may be missing, to
    save calls. With ``remembered``, a source that may lag a few minutes behind is believed where it
    says the same as state. Leave it out where something is done to the object after the answer alone.
    """

    address: Address
    type: str
    remote_id: RemoteId
    route: Route
    surfaces: frozenset[str]
    remembered: Remembered | None = None
