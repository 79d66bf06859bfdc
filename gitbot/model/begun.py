"""What an apply of a stack has begun and not recorded, as its plans tell it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gitbot.model.names import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunChange:
    """One change that may have been sent to the cloud: ``create``, ``update`` or ``delete``."""

    address: Address
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """The changes of a stack whose results are not recorded, the oldest from ``since``.

    ``by`` is what the apply was that has begun them, as its lease names it; empty if nobody knows. ``may_run``: it
    still has its lease, so it runs, or died so lately that nobody can tell.
    """

    changes: tuple[BegunChange, ...]
    since: datetime
    by: str = ""
    may_run: bool = False

    @property
    def addresses(self) -> frozenset[Address]:
        """What it has begun to change: how that is in the cloud may be its work."""
        return frozenset(one.address for one in self.changes)

    @property
    def words(self) -> str:
        """The changes in words: "create of `ssh`, delete of `old`"."""
        return ", ".join(f"{one.kind} of `{one.address}`" for one in self.changes)
