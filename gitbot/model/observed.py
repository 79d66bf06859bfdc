"""What the cloud says now. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from gitbot.model.names import Address, RemoteId
from gitbot.model.schema import Route
from gitbot.model.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """The object exists. ``properties`` uses the type's schema names, read-only ones included."""

    remote_id: RemoteId
    properties: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """The object does not exist: the cloud said so, in the right account and region."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """The object was not read (``refresh`` off): plan as if observed equalled recorded."""


Observation: TypeAlias = Present | Absent | Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An object that was found by name or tag.

    ``operation``, ``lineage`` and ``address`` come from its ownership tags, None where it has none.
    """

    remote_id: RemoteId
    operation: str | None = None
    lineage: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRequest:
    """One object to read, by its recorded ``route``.

    ``surfaces`` are the top-level properties that must be in the answer; others may be missing,
    which saves calls.
    """

    address: Address
    type: str
    remote_id: RemoteId
    route: Route
    surfaces: frozenset[str]
