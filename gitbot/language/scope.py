"""The values that expressions can use. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gitbot.model.names import Address
from gitbot.model.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributes:
    """The attributes of one resource, as far as they are known.

    ``known`` holds plain values by attribute; every other attribute is unknown. ``sensitive`` names
    the attributes that must not be shown. ``late`` names keys inside known attributes whose values
    only the cloud can give.
    """

    address: Address
    known: Mapping[str, Any] = field(default_factory=dict)
    sensitive: frozenset[str] = frozenset()
    late: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The values of names: by root (``vars``, ``env``, ``stack``), and resources by key."""

    inputs: Mapping[str, Mapping[str, Value]]
    resources: Mapping[str, Attributes] = field(default_factory=dict)
