"""Ask the operating system what time it is; no other module does. Shell."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """A ``Clock``: the real time."""

    def now(self) -> datetime:
        """The aware UTC instant."""
        return datetime.now(UTC)


class SystemCalendar:
    """A ``Calendar`` that agrees with the real time."""

    def now(self) -> datetime:
        """The aware UTC instant."""
        return datetime.now(UTC)
