"""Tell how GitHub answers: figures for the metrics, and since when it does not answer. Shell.

The limits stand in headers:
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#checking-the-status-of-your-rate-limit
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from gitbot.ports.telemetry import Metric, count, note, observe, span

_LIMITS = {
    "x-ratelimit-remaining": Metric.GITHUB_REMAINING,
    "x-ratelimit-limit": Metric.GITHUB_LIMIT,
}


class Silence:
    """Since when GitHub has answered nothing but errors. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._since: float | None = None

    @property
    def lasts_s(self) -> float:
        """Seconds since the first of the newest calls that all failed; 0 when the last one did not."""
        with self._lock:
            return 0.0 if self._since is None else time.monotonic() - self._since

    def note(self, *, answered: bool) -> None:
        """Note how the newest call went."""
        with self._lock:
            if answered:
                self._since = None
            elif self._since is None:
                self._since = time.monotonic()


SILENCE = Silence()
"""That of the one GitHub that this process talks to."""


@contextmanager
def told(method: str) -> Iterator[Callable[[int, Mapping[str, str]], None]]:
    """Tell of one request. Call what is yielded with the status and the headers of the answer."""
    began, status = time.monotonic(), 0

    def tell(answered: int, headers: Mapping[str, str]) -> None:
        nonlocal status
        status = answered
        note(status=str(answered))
        resource = headers.get("x-ratelimit-resource", "core")
        for header, metric in _LIMITS.items():
            if headers.get(header, "").isdigit():
                observe(metric, float(headers[header]), resource=resource)

    try:
        with span("github", method=method):
            yield tell
    finally:
        # A refusal of one call says nothing of others, but nobody gets far with a key that is not taken.
        SILENCE.note(answered=0 < status < 500 and status != 401)
        count(Metric.GITHUB_REQUESTS, method=method, status=str(status or "none"))
        observe(Metric.GITHUB_DURATION, time.monotonic() - began, method=method)
