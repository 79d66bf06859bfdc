"""Say what time it is; no other module asks the operating system. Shell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path


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


class MovedCalendar:
    """A ``Calendar`` that is ahead of the real time by the seconds in a file.

    The sandbox moves it on while the server runs.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        """The aware UTC instant."""
        return datetime.now(UTC) + timedelta(seconds=float(self._file.read_text()))
