"""Who holds a lease, and whether that process still lives. Pure."""

from __future__ import annotations

from typing import Protocol


class Processes(Protocol):
    """Names this process, and judges the names of others."""

    def name(self, purpose: str = "") -> str:
        """The name of this process, and what it does: the holder of a lease."""

    def is_dead(self, holder: str) -> bool:
        """Whether the process of that name has ended for certain; False if that is unknown."""
