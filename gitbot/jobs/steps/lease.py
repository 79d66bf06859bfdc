"""Hold the lease of an environment while a block runs, and renew it in the background. Shell."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from gitbot.errors import LeaseLostError, LeaseUnavailableError, TransientError
from gitbot.model.names import EnvironmentKey
from gitbot.model.recorded import Lease
from gitbot.ports.state import StateStore
from gitbot.ports.telemetry import Metric, count
from gitbot.ports.time import Clock

RENEWALS_PER_TTL = 3


@contextmanager
def hold(
    store: StateStore, environment: EnvironmentKey, holder: str, *, ttl: timedelta, clock: Clock
) -> Iterator[Callable[[], Lease]]:
    """Take the lease, renew it every third of ``ttl``, and release it at the end.

    Yields a callable that returns the newest lease. The callable raises ``LeaseLostError`` when the
    lease was taken over, or ran out because it could not be renewed.

    Raises:
        LeaseUnavailableError: somebody else holds it.
    """
    keeper = _Keeper(store, _acquire(store, environment, holder, ttl), ttl, clock)
    thread = threading.Thread(target=keeper.renew_until_done, name="lease", daemon=True)
    thread.start()
    try:
        yield keeper.lease
    finally:
        keeper.done.set()
        thread.join()
        store.release(keeper.newest)


def _acquire(store: StateStore, environment: EnvironmentKey, holder: str, ttl: timedelta) -> Lease:
    try:
        lease = store.acquire(environment, holder, ttl)
    except LeaseUnavailableError:
        count(Metric.LEASES, environment=environment.environment, outcome="waited")
        raise
    count(Metric.LEASES, environment=environment.environment, outcome="taken")
    return lease


class _Keeper:
    def __init__(self, store: StateStore, lease: Lease, ttl: timedelta, clock: Clock) -> None:
        self.newest = lease
        self.done = threading.Event()
        self._store = store
        self._ttl = ttl
        self._clock = clock
        self._lost: LeaseLostError | None = None

    def lease(self) -> Lease:
        """The newest lease. Raises LeaseLostError when it is lost."""
        if self._lost is not None:
            raise self._lost
        if self._clock.now() >= self.newest.expires_at:
            raise LeaseLostError(f"the lease of {self.newest.environment} ran out unrenewed")
        return self.newest

    def renew_until_done(self) -> None:
        """Renew until the block ends. Keep trying while the store does not answer."""
        pause_s = self._ttl.total_seconds() / RENEWALS_PER_TTL
        while not self.done.wait(pause_s):
            try:
                self.newest = self._store.renew(self.newest, self._ttl)
            except LeaseLostError as error:
                self._lost = error
                return
            except TransientError:
                pause_s = min(pause_s, 1.0)
