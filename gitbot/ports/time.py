"""The ports to real time, and to the time for decisions about schedules. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The real time, for leases, deadlines, waits, retries and comparisons with GitHub."""

    def now(self) -> datetime:
        """The present time, in UTC and with its zone."""


class Calendar(Protocol):
    """The time for decisions about schedules, such as working hours, windows and expiry.

    It can differ from the real time, because a test or a rehearsal may move it. Never use it to
    measure or to wait.
    """

    def now(self) -> datetime:
        """The present time, in UTC and with its zone."""
