"""The two times: the one that passes, and the one that schedules are decided by. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The real time: for leases, deadlines, waits, retries and comparisons with GitHub."""

    def now(self) -> datetime:
        """The aware UTC instant."""


class Calendar(Protocol):
    """The time that decisions about schedules are made by, such as hours, windows and expiry.

    It may differ from the real time: a test or a rehearsal moves it. Never measure or wait by it.
    """

    def now(self) -> datetime:
        """The aware UTC instant."""
