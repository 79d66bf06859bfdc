"""The environments whose lease a process holds, and changes under a lease. Shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from gitbot.adapters.object_store.answers import MovedError
from gitbot.adapters.object_store.folding import View
from gitbot.adapters.object_store.held import Held, is_taken
from gitbot.adapters.object_store.journal import Journal
from gitbot.adapters.object_store.leases import Leases, lost
from gitbot.adapters.object_store.reader import Reader
from gitbot.adapters.object_store.wishes import Wish, Wished, drafted, failed
from gitbot.errors import GitbotError, InvariantError, TransientError, UserError
from gitbot.model.names import EnvironmentKey, StackId
from gitbot.model.recorded import Lease, RecordedStack
from gitbot.ports.processes import Processes
from gitbot.ports.time import Clock
from gitbot.reconciler.leases import busy, refuse_moved_store

_TRIES = 6


class HeldEnvironments:
    """Takes leases, keeps the view of each environment that is held, and changes it. Thread-safe."""

    def __init__(
        self, reader: Reader, journal: Journal, leases: Leases, clock: Clock, processes: Processes
    ) -> None:
        self._reader = reader
        self._journal = journal
        self._leases = leases
        self._clock = clock
        self._processes = processes
        self._held: dict[EnvironmentKey, Held] = {}
        self._asked: dict[EnvironmentKey, Lease] = {}

    def take(self, environment: EnvironmentKey, holder: str, ttl: timedelta) -> Lease:
        """Take the lease with the next epoch; see ``StateStore``.

        The entry in the journal decides between several that want it: one makes it.

        Raises:
            TransientError: S3 did not answer. If the lease is taken, the next call returns it.
        """
        view = self._reader.view(environment)
        asked = self._asked.pop(environment, None)
        if asked is not None and is_taken(asked, view, holder, self._clock.now()):
            held = Held(asked, None, view)
        else:
            held = self._opened(view, holder, ttl)
        self._held[environment] = held
        self._refuse_moved_store(held.lease)
        return held.lease

    def _opened(self, view: View, holder: str, ttl: timedelta) -> Held:
        key, former, now = view.key, view.opened, self._clock.now()
        self._refuse_held(view, now)
        lease = Lease(
            environment=key,
            epoch=view.epoch + 1,
            holder=holder,
            expires_at=now + ttl,
            since=now,
        )
        try:
            self._journal.open(view, lease)
        except MovedError as error:
            view = self._reader.view(key)
            other = view.opened or replace(lease, holder="another process")
            raise busy(other, tuple(view.states.values()), now) from error
        except TransientError:
            self._asked[key] = lease
            raise
        held = Held(lease, None, view)
        if former is not None:
            # Its holder may renew it still, and finds out then. The journal has decided already.
            with suppress(TransientError):
                held.etag = self._leases.put(lease)
        return held

    def _refuse_held(self, view: View, now: datetime) -> None:
        """Refuse while the lease that the journal has opened lasts, and its holder may be alive."""
        if view.opened is None:
            return
        newest = self._newest_end(view.opened)
        if newest.expires_at > now and not self._processes.is_dead(newest.holder):
            raise busy(newest, tuple(view.states.values()), now)

    def _refuse_moved_store(self, lease: Lease) -> None:
        """Refuse after the lease was taken: who moves the state away looks for leases after saying so."""
        try:
            refuse_moved_store(lease.environment, self._leases.moved_to())
        except TransientError:
            self._asked[lease.environment] = lease
            raise
        except UserError:
            self.give_back(lease)
            raise

    def _newest_end(self, opened: Lease) -> Lease:
        """The lease that the journal has opened, with the end to which it was renewed."""
        seen = self._leases.look(opened.environment)
        return seen[0] if seen is not None and seen[0].epoch == opened.epoch else opened

    def renew(self, lease: Lease, ttl: timedelta) -> Lease:
        """Extend the lease. Raises LeaseLostError when it was taken over or given back."""
        held = self._of(lease)
        with held.lock:
            renewed = replace(held.lease, expires_at=self._clock.now() + ttl)
            if held.etag is None:
                self._refuse_lost(held, self._reader.view(lease.environment))
                held.etag = self._leases.put(renewed)
            else:
                held.etag = self._leases.renew(renewed, held.etag)
            held.lease = renewed
            return renewed

    def give_back(self, lease: Lease) -> None:
        """Write the snapshots, cut the journal and give the lease back, unless it was taken over.

        Raises:
            TransientError: S3 did not answer. Another call goes on; else the lease ends by itself, and the
                next holder has all of the state from the journal.
        """
        held = self._held.get(lease.environment)
        if held is None or held.lease.epoch != lease.epoch:
            return
        with held.lock:
            held.ending = True
            if self._closed(held):
                # It is given back: what is left behind from here on is passed over by all who read.
                with suppress(TransientError):
                    self._journal.cut(held.view)
                    if held.etag is not None:
                        self._leases.delete(lease, held.etag)
            self._held.pop(lease.environment, None)

    def _closed(self, held: Held) -> bool:
        """Close the lease in the journal; False if it was taken over."""
        key = held.opened.environment
        for _ in range(_TRIES):
            try:
                self._journal.snapshot(held.view)
                self._journal.close(held.view)
            except MovedError:
                # By somebody else, or by ourselves, when the reply did not come.
                held.view = self._reader.view(key)
                if held.view.epoch != held.opened.epoch:
                    return False
                if held.view.opened is None:
                    return True
            else:
                return True
        raise TransientError(f"the lease of {key.environment} could not be given back.")

    def newest(self, environment: EnvironmentKey) -> Lease | None:
        """The newest lease; without a holder when it was given back, None when there never was one."""
        view = self._reader.view(environment)
        if view.opened is not None:
            return self._newest_end(view.opened)
        if not view.epoch:
            return None
        return Lease(
            environment=environment, epoch=view.epoch, holder="", expires_at=self._clock.now()
        )

    def _of(self, lease: Lease) -> Held:
        """What is held under this lease.

        Raises:
            LeaseLostError: it is held no more.
        """
        held = self._held.get(lease.environment)
        if held is None or held.lease.epoch != lease.epoch or held.ending:
            newest = self.newest(lease.environment)
            if newest is not None and newest.epoch == lease.epoch and newest.holder:
                raise InvariantError("Only the store that took a lease of a bucket may use it.")
            raise lost(lease, "" if newest is None else newest.holder)
        return held

    def _refuse_lost(self, held: Held, view: View) -> None:
        """Refuse what somebody else has taken over."""
        if view.opened != held.opened:
            self._held.pop(held.opened.environment, None)
            raise lost(held.lease, "" if view.opened is None else view.opened.holder)

    def view(self, environment: EnvironmentKey) -> View:
        """The environment as it is now; do not change it.

        While its lease is held here, it is as this process knows it: nobody else may have changed it.
        """
        held = self._held.get(environment)
        if held is None:
            return self._reader.view(environment)
        with held.lock:
            if held.unsure:
                held.view, held.unsure = self._reader.view(environment), False
            return replace(held.view, states=dict(held.view.states))

    def make_stale(self, lease: Lease) -> None:
        """Take all snapshots of the environment for behind, so that they are written with the next release."""
        held = self._of(lease)
        with held.lock:
            held.view.stale.update(held.view.states)

    def views(self, repository: str | None = None) -> Sequence[View]:
        """All environments that have state, or those of one repository, by name."""
        return self._reader.views(repository, self._held, self.view)

    def changed(self, lease: Lease, change: Wish) -> Mapping[StackId, RecordedStack]:
        """The states after the change, which is in one entry of the journal, alone or with others.

        ``change`` says what to change in the view that it gets; it is asked again when the journal moved.
        What several threads wish while an entry is written goes into the next one.

        Raises:
            LeaseLostError: the lease was taken over: nothing is changed.
            TransientError: S3 did not answer, so nobody knows whether it is changed; what reads it next does.
        """
        held = self._of(lease)
        wished = held.wishes.add(change)
        with held.lock:
            if not wished.done:
                with held.wishes.all() as wishes:
                    self._write(held, lease, wishes)
        return wished.result()

    def _write(self, held: Held, lease: Lease, wishes: Sequence[Wished]) -> None:
        """Write the wishes as one entry; each learns what became of it."""
        try:
            for _ in range(_TRIES):
                made = drafted(held.view, wishes)
                if not made:
                    return
                try:
                    self._journal.append(held.view, lease.epoch, made)
                    return
                except MovedError:
                    # Taken over, or an entry of ours whose reply never came.
                    held.view, held.unsure = self._reader.view(lease.environment), False
                    self._refuse_lost(held, held.view)
            raise TransientError("S3 refused the next entry of the journal again and again.")
        except GitbotError as error:
            held.unsure = isinstance(error, TransientError)
            failed(wishes, error)
