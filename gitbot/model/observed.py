"""Observed state: what the cloud says now. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from gitbot.model.names import Address, RemoteId
from gitbot.model.schema import Route
from gitbot.model.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """The object exists. ``properties`` has the names of the schema, read-only ones included.

    ``ownership`` are its ``gitbot:*`` tags; empty for a type that takes no tags.
    """

    remote_id: RemoteId
    properties: Mapping[str, Json] = field(default_factory=dict)
    ownership: Mapping[str, str] = field(default_factory=dict)


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

    ``operation``, ``lineage`` and ``address`` come from its ownership tags; None for a missing tag.
    """

    remote_id: RemoteId
    operation: str | None = None
    lineage: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRequest:
    """One object to read, through its recorded ``route``.

    ``surfaces`` are the top-level properties that the answer must have. Others may be missing, to
    save calls.
    """

    address: Address
    type: str
    remote_id: RemoteId
    route: Route
    surfaces: frozenset[str]
