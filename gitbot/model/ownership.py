"""Whose an object of the cloud is. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gitbot.model.names import Address, RemoteId, StackId
from gitbot.model.values import Json


class Whose(StrEnum):
    """Whether an object belongs to the stack that asks."""

    OURS = "ours"
    NOBODYS = "nobody's"
    ANOTHERS = "another's"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whose an object is. ``name`` says it for people when it is another's.

    ``here`` is the stack of the same store whose state has the object; None if none has. ``let_go``: its tags name a
    stack of the store whose last apply is finished, and whose state does not have it any more.
    """

    whose: Whose
    name: str = ""
    here: StackId | None = None
    let_go: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One record of an object in the state of any stack."""

    stack: StackId
    address: Address
    type: str
    remote_id: RemoteId
    account: str
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """An object that a stack wants to change, or believes to be its own.

    ``recorded``: the stack's own state has it. ``properties`` and ``tags`` are what a read showed;
    ``tags`` are the ``gitbot:*`` tags only. Both are empty when the object was not read.
    """

    stack: StackId
    lineage: str
    type: str
    remote_id: RemoteId
    recorded: bool
    properties: Mapping[str, Json] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
