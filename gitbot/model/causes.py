"""The values of a cause: who changed a resource, when, from where and with which call. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gitbot.model.names import Address, RemoteId
from gitbot.model.values import Value


class CallerKind(StrEnum):
    """What kind of identity made a call."""

    USER = "user"
    ROLE = "role"
    ROOT = "root"
    SERVICE = "service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One call that changed something, as the cloud's trail tells it.

    ``call`` is ``ec2:CreateTags``. ``who`` is the user, the session of ``role``, or the service.
    ``address`` is the source address, ``through`` the tool (``console`` for the console's pages).
    ``ours``: gitbot made the call, with an identity of its own. All texts come from outside.
    """

    call: str
    at: datetime
    kind: CallerKind
    who: str
    role: str = ""
    address: str = ""
    through: str = ""
    ours: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A resource to ask about. ``properties`` are the recorded ones; a part of another resource is
    known to the trail by that one."""

    address: Address
    type: str
    remote_id: RemoteId
    properties: Mapping[str, Value] = field(default_factory=dict)
    arn: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the cloud tells about a resource.

    ``deeds`` have the newest first. ``state_reason`` is EC2's code for why a machine does not run.
    ``refused`` is the call that the role may not make; the deeds are unknown then.
    """

    deeds: tuple[Deed, ...] = ()
    state_reason: str = ""
    refused: str = ""


class CauseKind(StrEnum):
    """Why a resource differs."""

    SOMEBODY = "somebody"
    OURSELVES = "ourselves"
    TAKEN_BACK = "taken back"
    """The cloud itself took it: a spot interruption, a retired host."""
    FROM_INSIDE = "from inside"
    """The machine was shut down from inside: no call was made."""
    UNKNOWN = "unknown"
    """No call is known. Calls are known only minutes later."""
    NO_RIGHT = "no right"
    """The role may not look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why one resource differs, as far as it is known.

    ``deeds`` have the newest first. Without ``sure`` another look may tell more; the deeds are then
    calls about the resource of which none is known to make such a difference. ``code`` is the cloud's reason of ``TAKEN_BACK``, or
    the call that ``NO_RIGHT`` misses. ``tries`` counts how often was looked, last at
    ``looked_at``; ``since`` is when the newest difference was first seen.
    """

    kind: CauseKind
    since: datetime
    looked_at: datetime
    deeds: tuple[Deed, ...] = ()
    code: str = ""
    sure: bool = True
    tries: int = 1
