"""The one place that asks the operating system what time it is. Shell."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """The real time."""

    def now(self) -> datetime:
        """The aware UTC instant."""
        return datetime.now(UTC)
