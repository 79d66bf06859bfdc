"""Share one adaptive token bucket per account, service and region among all clients. Shell."""

from __future__ import annotations

import threading
import time
from typing import Any

from botocore.retries import adaptive, bucket, standard, throttling


class Throttles:
    """Slows all clients down together when one of them is throttled.

    botocore's adaptive mode slows each client alone, so a plan and an apply of one account would
    push each other into the limit. The parts are botocore's own (CUBIC rate control,
    https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html).
    """

    def __init__(self) -> None:
        self._limiters: dict[tuple[str, str, str], adaptive.ClientRateLimiter] = {}
        self._lock = threading.Lock()

    def attach(self, client: Any, account: str, service: str, region: str) -> None:
        """Make the client wait for the bucket of its account, service and region before each
        request."""
        with self._lock:
            limiter = self._limiters.setdefault((account, service, region), _limiter())
        events = client.meta.events
        events.register("before-send", limiter.on_sending_request)
        events.register("needs-retry", limiter.on_receiving_response)

    def limiter(self, account: str, service: str, region: str) -> adaptive.ClientRateLimiter | None:
        """The shared limiter; None if no client is attached to it."""
        return self._limiters.get((account, service, region))


class Paces:
    """Keeps calls that AWS counts by the second apart, per account and region.

    botocore's limiter learns only from refusals, and each refusal takes a call from whoever else
    uses the account.
    """

    def __init__(self) -> None:
        self._next: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()

    def wait(self, account: str, region: str, *, apart_s: float) -> None:
        """Wait until the last call of this account and region was ``apart_s`` seconds ago."""
        with self._lock:
            now = time.monotonic()
            at = max(now, self._next.get((account, region), now))
            self._next[account, region] = at + apart_s
        time.sleep(at - now)


def _limiter() -> adaptive.ClientRateLimiter:
    clock = bucket.Clock()
    return adaptive.ClientRateLimiter(
        rate_adjustor=throttling.CubicCalculator(
            starting_max_rate=0, start_time=clock.current_time()
        ),
        rate_clocker=adaptive.RateClocker(clock),
        token_bucket=bucket.TokenBucket(max_rate=1, clock=clock),
        throttling_detector=standard.ThrottlingErrorDetector(
            retry_event_adapter=standard.RetryEventAdapter()
        ),
        clock=clock,
    )
