"""What a look at the cloud shows of the objects of a state that was lost or is old. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gitbot.model.names import Address, RemoteId


class How(StrEnum):
    """What becomes of an object in a recovered state.

    ``KNOWN``: state has it already. ``FOUND``: it is recorded now. ``MOVED``: its tags or the specs
    name another address than state did. ``DEPOSED``: a newer object has its address, and the next
    apply deletes it. ``GONE``: state had it, and it does not exist. ``RIVAL``: several objects claim
    its address, nothing tells which is the newest, and none is recorded.
    """

    KNOWN = "known"
    FOUND = "found"
    MOVED = "moved"
    DEPOSED = "deposed"
    GONE = "gone"
    RIVAL = "rival"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One object of a recovered state. ``former`` is the address that it had before a move."""

    address: Address
    type: str
    remote_id: RemoteId
    how: How
    former: Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """An object whose tags name a stack of the environment, and that is left alone; ``why`` says why.

    ``stack``, ``lineage`` and ``address`` are what its tags say.
    """

    stack: str
    lineage: str
    address: Address
    type: str
    remote_id: RemoteId
    why: str
