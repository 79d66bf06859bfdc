"""What a cloud is asked to do: one mutation, and with which of an environment's roles. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gitbot.model.names import Address
from gitbot.model.schema import Route
from gitbot.model.values import Json, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One mutation with everything that the cloud needs to carry it out.

    ``properties`` are the desired ones, tags included: every value is known and in the clear, and a
    path that the spec removed already has its default. An update makes the top-level properties in
    ``changed`` equal to ``properties`` and deletes those in ``removed``; both are empty for creates
    and deletes. ``recorded`` are the properties of the last apply: an update removes only tags that
    were managed. ``ownership`` are the ``gitbot:*`` tags, put on in the creating call where the API
    takes tags. ``request_token`` is the client token to send, from the intent: the same one again
    makes no second object.
    """

    token: str
    request_token: str | None = None
    address: Address
    type: str
    route: Route
    properties: Mapping[str, Json]
    changed: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    recorded: Mapping[str, Value] = field(default_factory=dict)
    ownership: Mapping[str, str] = field(default_factory=dict)
    empty_on_delete: bool = False
    deadline: datetime


class Power(StrEnum):
    """Whether a machine runs. ``STARTING`` and ``STOPPING`` are on the way to the other two."""

    RUNNING = "running"
    STOPPED = "stopped"
    STARTING = "starting"
    STOPPING = "stopping"


class Purpose(StrEnum):
    """Which of an environment's roles a connection uses; a plan may only read."""

    PLAN = "plan"
    APPLY = "apply"
