"""Measure how far this machine's clock is from GitHub's, by the ``Date`` of its answers. Shell.

https://www.rfc-editor.org/rfc/rfc9110#name-date. What came first is decided by GitHub's times
alone; this is for what this machine must date or wait for by itself.
"""

from __future__ import annotations

import logging
import threading
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

log = logging.getLogger(__name__)

TOLERATED_S = 3.0
"""A clock that is no further off is called right: GitHub tells whole seconds, and answers take time."""

_SLOW_S = 2.0  # an answer that took longer says too little


class GitHubTime:
    """GitHub's time. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ahead_s: float | None = None

    @property
    def ahead_s(self) -> float | None:
        """Seconds by which this machine's clock is ahead of GitHub's; negative when it is behind.

        None before GitHub has answered.
        """
        with self._lock:
            return self._ahead_s

    def now(self) -> datetime:
        """The time that GitHub's clock shows now, in UTC."""
        return datetime.fromtimestamp(self.now_s(), UTC)

    def now_s(self) -> float:
        """The time that GitHub's clock shows now, in seconds since 1970."""
        return time.time() - ((self.ahead_s or 0.0) if self.is_corrected else 0.0)

    @property
    def is_corrected(self) -> bool:
        """Whether this machine's clock is known to be wrong."""
        return abs(self.ahead_s or 0.0) > TOLERATED_S

    def note(self, date: str | None, asked_s: float, answered_s: float) -> None:
        """Measure with an answer: its ``Date``, and when we asked and got it by our own clock.

        Logs when the clock turns out wrong, and when it is right again.
        """
        told_s = _seconds(date)
        if told_s is None or not 0 <= answered_s - asked_s <= _SLOW_S:
            return
        # The header leaves out the fraction of the second: half of it is the best guess.
        ahead = (asked_s + answered_s) / 2 - (told_s + 0.5)
        with self._lock:
            was, self._ahead_s = self._ahead_s or 0.0, ahead
        if abs(ahead) > TOLERATED_S >= abs(was):
            log.warning("this machine's clock is %s GitHub's: set it", words(ahead))
        if abs(ahead) <= TOLERATED_S < abs(was):
            log.info("this machine's clock agrees with GitHub's again")


def words(ahead_s: float) -> str:
    """``95 s ahead of`` or ``12 s behind``."""
    return f"{abs(ahead_s):.0f} s {'ahead of' if ahead_s > 0 else 'behind'}"


def _seconds(date: str | None) -> float | None:
    try:
        return parsedate_to_datetime(date or "").timestamp()
    except (ValueError, OverflowError):
        return None


GITHUB_TIME = GitHubTime()
"""The time of the one GitHub that this process talks to."""
