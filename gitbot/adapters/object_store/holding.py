"""The environments whose lease a process holds, and changes under a lease. Shell."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from gitbot.adapters.object_store.folding import View
from gitbot.adapters.object_store.journal import Change, Journal
from gitbot.adapters.object_store.leases import Leases, lost
from gitbot.adapters.object_store.objects import MovedError
from gitbot.errors import UserError
from gitbot.model.names import EnvironmentKey, StackId
from gitbot.model.recorded import Lease, RecordedStack
from gitbot.ports.processes import Processes
from gitbot.ports.time import Clock
from gitbot.reconciler.leases import busy, refuse_moved_store


@dataclass(slots=True)
class _Held:
    """An environment whose lease this process holds: nobody else changes it, or its journal tells."""

    lease: Lease
    etag: str
    view: View
    lock: threading.Lock = field(default_factory=threading.Lock)


class HeldEnvironments:
    """Takes leases, keeps the view of each environment that is held, and changes it. Thread-safe."""

    def __init__(
        self, journal: Journal, leases: Leases, clock: Clock, processes: Processes
    ) -> None:
        self._journal = journal
        self._leases = leases
        self._clock = clock
        self._processes = processes
        self._held: dict[EnvironmentKey, _Held] = {}

    def take(self, environment: EnvironmentKey, holder: str, ttl: timedelta) -> Lease:
        """Take the lease with the next epoch; see ``StateStore``.

        The entry in the journal decides between several that want it: one makes it.
        """
        view = self._journal.view(environment)
        now = self._clock.now()
        newest = self._newest(view)
        if (
            newest is not None
            and newest.expires_at > now
            and not self._processes.is_dead(newest.holder)
        ):
            raise busy(newest, tuple(view.states.values()), now)
        lease = Lease(
            environment=environment,
            epoch=view.epoch + 1,
            holder=holder,
            expires_at=now + ttl,
            since=now,
        )
        try:
            self._journal.open(view, lease)
        except MovedError as error:
            view = self._journal.view(environment)
            other = view.opened or replace(lease, holder="another process")
            raise busy(other, tuple(view.states.values()), now) from error
        self._held[environment] = _Held(lease, self._leases.put(lease), view)
        self._refuse_moved_store(lease)
        return lease

    def _refuse_moved_store(self, lease: Lease) -> None:
        """Refuse after the lease was taken: who moves the state away looks for leases after saying so."""
        try:
            refuse_moved_store(lease.environment, self._leases.moved_to())
        except UserError:
            self.give_back(lease)
            raise

    def _newest(self, view: View) -> Lease | None:
        """The lease that the journal has opened, with the end that was extended."""
        if view.opened is None:
            return None
        seen = self._leases.look(view.key)
        # Its object may not be written yet.
        return seen[0] if seen is not None and seen[0].epoch >= view.opened.epoch else view.opened

    def renew(self, lease: Lease, ttl: timedelta) -> Lease:
        """Extend the lease. Raises LeaseLostError when it was taken over or given back."""
        held = self._of(lease)
        with held.lock:
            renewed = replace(held.lease, expires_at=self._clock.now() + ttl)
            held.etag = self._leases.renew(renewed, held.etag)
            held.lease = renewed
            return renewed

    def give_back(self, lease: Lease) -> None:
        """Write the snapshots, cut the journal and give the lease back, unless it was taken over."""
        held = self._held.get(lease.environment)
        if held is None or held.lease.epoch != lease.epoch:
            return
        with held.lock:
            del self._held[lease.environment]
            try:
                self._journal.snapshot(held.view)
                self._journal.close(held.view)
                self._journal.cut(held.view)
            except MovedError:
                return  # it was taken over: the new holder does it
            self._leases.delete(lease, held.etag)

    def newest(self, environment: EnvironmentKey) -> Lease | None:
        """The newest lease; without a holder when it was given back, None when there never was one."""
        view = self._journal.view(environment)
        if not view.epoch:
            return None
        free = Lease(
            environment=environment, epoch=view.epoch, holder="", expires_at=self._clock.now()
        )
        return self._newest(view) or free

    def _of(self, lease: Lease) -> _Held:
        """What is held under this lease.

        Raises:
            LeaseLostError: it is held no more.
        """
        key = lease.environment
        held = self._held.get(key)
        if held is not None and held.lease.epoch == lease.epoch:
            return held
        seen = self._leases.look(key)
        if seen is None or seen[0].epoch != lease.epoch:
            raise lost(lease, "" if seen is None else seen[0].holder)
        # Another store of this process has taken it.
        return self._held.setdefault(key, _Held(seen[0], seen[1], self._journal.view(key)))

    def view(self, environment: EnvironmentKey) -> View:
        """The environment as it is now; do not change it."""
        held = self._held.get(environment)
        if held is not None:
            with held.lock:
                if not self._journal.has_grown(held.view):
                    return replace(held.view, states=dict(held.view.states))
        return self._journal.view(environment)

    def changed(
        self, lease: Lease, change: Callable[[View], Sequence[Change]]
    ) -> Mapping[StackId, RecordedStack]:
        """The states after the change, which is one entry of the journal.

        ``change`` says what to change in the view that it gets; it is asked again when another store of
        this process wrote meanwhile.

        Raises:
            LeaseLostError: the lease was taken over: nothing is changed.
        """
        held = self._of(lease)
        with held.lock:
            while made := change(held.view):
                try:
                    self._journal.append(held.view, lease.epoch, made)
                    break
                except MovedError as error:
                    held.view = self._journal.view(lease.environment)
                    if held.view.epoch != lease.epoch:
                        del self._held[lease.environment]
                        raise lost(lease, self._leases.holder(lease.environment)) from error
            return dict(held.view.states)
