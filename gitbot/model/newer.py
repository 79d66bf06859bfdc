"""What a stack uses and does not manage, and what the cloud has of it that is newer than the last apply. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from gitbot.model.names import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class NewerAnswer:
    """A lookup that would be answered otherwise now. ``says`` is how, in words."""

    lookup: Address
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """Secrets that have another version than when the stack was applied.

    ``secrets`` are their references with both versions, in words. ``updates`` and ``replaces`` are
    the resources that the next apply would update and replace for it. ``refused`` says why that is
    not known, or is empty.
    """

    secrets: tuple[str, ...]
    updates: tuple[Address, ...] = ()
    replaces: tuple[Address, ...] = ()
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LostSecret:
    """A secret that cannot be had any more, so that the stack cannot be planned."""

    reference: str
    says: str


Newer: TypeAlias = NewerAnswer | Rotation | LostSecret
