"""Limits how often one caller may ask. Shell.

Each server counts for itself: with several of them, a caller may ask as often of each.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

MOST_KEYS = 20_000


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Limit:
    """A bucket for each key that holds ``size`` requests and gets ``per_s`` more each second.

    Thread-safe. The buckets that were used last are kept, up to ``MOST_KEYS``.
    """

    def __init__(
        self, *, size: float, per_s: float, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._size, self._per_s, self._now = size, per_s, now
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str, cost: float = 1.0) -> float:
        """Take a request out of the key's bucket.

        Returns 0, or the seconds after which there is enough; then nothing was taken.
        """
        with self._lock:
            bucket = self._filled(key)
            if bucket.left < cost:
                return (cost - bucket.left) / self._per_s
            bucket.left -= cost
            return 0.0

    def charge(self, key: str, cost: float) -> None:
        """Take more out of the key's bucket, down to nothing."""
        with self._lock:
            bucket = self._filled(key)
            bucket.left = max(0.0, bucket.left - cost)

    def _filled(self, key: str) -> _Bucket:
        now = self._now()
        bucket = self._buckets.setdefault(key, _Bucket(self._size, now))
        self._buckets.move_to_end(key)
        bucket.left = min(self._size, bucket.left + (now - bucket.at) * self._per_s)
        bucket.at = now
        while len(self._buckets) > MOST_KEYS:
            self._buckets.popitem(last=False)
        return bucket
