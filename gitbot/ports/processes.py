"""The port to the names of processes, which hold leases. Pure."""

from __future__ import annotations

from typing import Protocol


class Processes(Protocol):
    """Names this process, and says whether other processes are dead."""

    def name(self, purpose: str = "") -> str:
        """The name of this process, with what it does, for the holder of a lease."""

    def is_dead(self, holder: str) -> bool:
        """Whether the process of that name has certainly ended; False when that is not known."""
