"""Hold the lease of an environment while a block runs, and renew it in the background. Shell."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
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
    keeper = _Keeper(store, ttl, clock)
    thread = threading.Thread(
        target=keeper.keep, args=(environment, holder), name="lease", daemon=True
    )
    try:
        thread.start()
        _counted(keeper.taken, environment)
        yield keeper.lease
    finally:
        keeper.done.set()
        if thread.ident is not None:  # one that starts only now sees that all is done
            _wait_for(keeper.given_back)


def _counted(taken: Future[None], environment: EnvironmentKey) -> None:
    try:
        taken.result()
    except LeaseUnavailableError:
        count(Metric.LEASES, environment=environment.environment, outcome="waited")
        raise
    count(Metric.LEASES, environment=environment.environment, outcome="taken")


def _wait_for(given_back: Future[None]) -> None:
    """Wait, also when the command is ended just then; the next Ctrl-C aborts."""
    try:
        given_back.result()
    except KeyboardInterrupt:
        given_back.result()
        raise


class _Keeper:
    """Takes, renews and gives back a lease in a thread of its own.

    A signal interrupts the main thread only. There it would leave a lease behind that is taken and not yet returned.
    """

    def __init__(self, store: StateStore, ttl: timedelta, clock: Clock) -> None:
        self.taken = Future[None]()
        self.done = threading.Event()
        self.given_back = Future[None]()
        self._store = store
        self._ttl = ttl
        self._clock = clock
        self._newest: Lease | None = None
        self._lost: LeaseLostError | None = None

    def lease(self) -> Lease:
        """The newest lease, once it is taken. Raises LeaseLostError when it is lost."""
        if self._lost is not None:
            raise self._lost
        assert self._newest is not None
        if self._clock.now() >= self._newest.expires_at:
            raise LeaseLostError(f"the lease of {self._newest.environment} ran out unrenewed")
        return self._newest

    def keep(self, environment: EnvironmentKey, holder: str) -> None:
        """Take the lease, renew it until all is done, and give it back. Raises nothing: the futures tell."""
        _resolve(self.taken, lambda: self._take(environment, holder))
        _resolve(self.given_back, self._renew_and_give_back)

    def _take(self, environment: EnvironmentKey, holder: str) -> None:
        if not self.done.is_set():
            self._newest = self._store.acquire(environment, holder, self._ttl)

    def _renew_and_give_back(self) -> None:
        if self._newest is None:
            return
        try:
            self._newest = self._renewed(self._newest)
        finally:
            self.done.wait()
            self._store.release(self._newest)

    def _renewed(self, lease: Lease) -> Lease:
        """The newest lease when all is done or it is lost. Keeps trying while the store does not answer."""
        pause_s = self._ttl.total_seconds() / RENEWALS_PER_TTL
        while not self.done.wait(pause_s):
            try:
                self._newest = lease = self._store.renew(lease, self._ttl)
            except LeaseLostError as error:
                self._lost = error
                break
            except TransientError:
                pause_s = min(pause_s, 1.0)
        return lease


def _resolve(future: Future[None], act: Callable[[], None]) -> None:
    try:
        act()
    except BaseException as error:  # noqa: BLE001
        future.set_exception(error)
    else:
        future.set_result(None)
