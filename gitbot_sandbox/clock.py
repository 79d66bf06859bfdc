"""The time that the schedules of the sandbox's server go by; people and tests move it on. Shell."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from gitbot.adapters.clock import SystemClock
from gitbot.language.time.instants import read_instant
from gitbot.model.durations import read_duration
from gitbot.model.text_problem import TextProblemError

T = TypeVar("T")

END = datetime(2200, 1, 1, tzinfo=UTC)
"""It is never moved there or later: what looks years ahead needs years that exist."""


class VirtualClock:
    """The real time, and as much more as it was moved on.

    ``file`` holds the seconds that it is ahead; gitbot's server reads it (``GITBOT_CALENDAR``).
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._lock = threading.Lock()
        self._ahead = timedelta()
        self._write()

    def now(self) -> datetime:
        """The time for schedules, in UTC."""
        return SystemClock().now() + self._ahead

    def advance(self, by: str) -> datetime:
        """Move it on by a duration such as ``3h``; returns the new time.

        Raises:
            ValueError: the text is no duration, or leads to ``END``.
        """
        with self._lock:
            return self._move(_read(read_duration, by))

    def move_to(self, instant: str) -> datetime:
        """Move it on to an instant with an offset; returns the new time.

        Raises:
            ValueError: the text is no instant, or one that has passed or is not before ``END``.
        """
        with self._lock:
            by = _read(read_instant, instant) - self.now()
            if by < timedelta():
                raise ValueError(f"the time moves on only, and {instant} has passed")
            return self._move(by)

    def _move(self, by: timedelta) -> datetime:
        if by >= END - self.now():
            raise ValueError(f"the time moves on to {END.year - 1} at most")
        self._ahead += by
        self._write()
        return self.now()

    def _write(self) -> None:
        new = self.file.with_suffix(".new")
        new.write_text(f"{self._ahead.total_seconds()}\n")
        os.replace(new, self.file)


def _read(read: Callable[[str], T], text: str) -> T:
    try:
        return read(text)
    except TextProblemError as problem:
        raise ValueError(f"{problem.detail} {problem.fix}") from problem
