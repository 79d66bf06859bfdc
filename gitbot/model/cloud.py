"""What gitbot asks of a cloud: one mutation, and the role for it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from gitbot.model.names import Address
from gitbot.model.schema import Route
from gitbot.model.values import Json, Value

TURN = timedelta(minutes=5)
"""How long work may take that can go on in another apply."""


def unwatched(text: str) -> None:
    """Ignore what a mutation waits for."""


def unkept(receipt: str) -> None:
    """Ignore the receipt of a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One mutation, with everything that the cloud needs to carry it out.

    ``token`` is the id of the operation. ``request_token`` is the client token to send, from the
    intent: sending the same token again makes no second object. ``properties`` are the desired
    ones, tags included. Every value is known and in the clear, and a path that the spec removed
    already has its default. An update sets the top-level properties in ``changed`` and deletes
    those in ``removed``; both are empty for creates and deletes. ``recorded`` are the properties of
    the last apply: an update removes only tags that gitbot managed. ``ownership`` are the
    ``gitbot:*`` tags; the creating call sends them where the API takes tags. ``watch`` is told now
    and then, while the mutation waits, what it waits for; it may be called from any thread.
    ``turn`` is how long emptying may take until it goes on in another apply. ``snapshot_on_delete``:
    what the object holds is copied before it is deleted. ``left`` is told at the end what a deletion leaves.
    ``asked`` False: no call was made for it yet, so that nothing can have its tag, and whoever has its natural key was
    looked for a moment ago or will be told of by the cloud's refusal. ``described`` is what a look at the object told a
    moment ago, as ``Present.described``; None: nobody has looked.

    Some APIs accept a request and carry it out later. ``accepted`` must be called with the receipt
    of such a request, before anything else: state keeps it. ``receipt`` is the one that state has.
    """

    token: str
    request_token: str | None = None
    receipt: str | None = None
    address: Address
    type: str
    route: Route
    properties: Mapping[str, Json]
    changed: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    recorded: Mapping[str, Value] = field(default_factory=dict)
    ownership: Mapping[str, str] = field(default_factory=dict)
    empty_on_delete: bool = False
    snapshot_on_delete: bool = False
    asked: bool = True
    described: Any = field(default=None, compare=False, repr=False)
    deadline: datetime
    turn: timedelta = TURN
    watch: Callable[[str], None] = field(default=unwatched, compare=False, repr=False)
    accepted: Callable[[str], None] = field(default=unkept, compare=False, repr=False)
    left: Callable[[str], None] = field(default=unwatched, compare=False, repr=False)

    def leave(self, words: str) -> None:
        """Tell in what a deletion keeps what the object holds, now and once it is done."""
        self.watch(words)
        self.left(words)


NEVER_READY: Final = "Timeout"
"""The code with which a cloud gives up waiting for an object to get ready."""
FAILED: Final = "Failed"
"""The code for an object that failed, so that it never gets ready."""
UNTRACEABLE: Final = "Untraceable"
"""The code for a creation of which nobody can tell what it made."""
TAKE_OUT_OF_STATE: Final = (
    "Then take the intent out of the document of `gitbot state pull`, and put the document back with "
    "`gitbot state push`."
)
"""What people do with such a creation, once they have deleted what it made."""


class Power(StrEnum):
    """Whether a machine runs. ``STARTING`` and ``STOPPING`` end in ``RUNNING`` and ``STOPPED``."""

    RUNNING = "running"
    STOPPED = "stopped"
    STARTING = "starting"
    STOPPING = "stopping"


class Purpose(StrEnum):
    """What a connection is for.

    Plans and scans only read, with ``roles.plan``. A scan makes few calls at a time, so that it does
    not delay what people wait for.
    """

    PLAN = "plan"
    SCAN = "scan"
    APPLY = "apply"

    @property
    def role(self) -> Purpose:
        """Whose role of the environment it uses: that of ``PLAN`` or of ``APPLY``."""
        return Purpose.APPLY if self is Purpose.APPLY else Purpose.PLAN
