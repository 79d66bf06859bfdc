"""What the state of a command cost in a bucket: requests and bytes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCost:
    """Requests to S3, each try of them, by kind as AWS bills them; and the bytes of their bodies."""

    reads: int = 0
    writes: int = 0
    lists: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0

    @property
    def requests(self) -> int:
        """How many requests there were."""
        return self.reads + self.writes + self.lists

    def data(self) -> Mapping[str, int]:
        """The same for programs."""
        return asdict(self)


def kind_of(operation: str) -> str:
    """Which figure of ``StoreCost`` a request counts in, by the name of its operation."""
    if operation.startswith("List"):
        return "lists"
    return "reads" if operation.startswith(("Get", "Head")) else "writes"
