"""Keep state and leases in a bucket of S3. Shell."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from gitbot.adapters.object_store.folding import View
from gitbot.adapters.object_store.holding import HeldEnvironments
from gitbot.adapters.object_store.journal import Change, Journal
from gitbot.adapters.object_store.layout import Layout
from gitbot.adapters.object_store.leases import Leases
from gitbot.adapters.object_store.objects import Objects
from gitbot.errors import InvariantError
from gitbot.model.codec import as_stored
from gitbot.model.expiry import Life
from gitbot.model.lookups import KeptLookup
from gitbot.model.names import Address, EnvironmentKey, RemoteId, Sha, StackId
from gitbot.model.ownership import Holding
from gitbot.model.recorded import (
    Intent,
    Lease,
    RecordedOutput,
    RecordedResource,
    RecordedStack,
    StackHeader,
)
from gitbot.ports.processes import Processes
from gitbot.ports.time import Clock
from gitbot.reconciler import state_changes as changes
from gitbot.reconciler.state_headers import header_of, holdings_of


class S3StateStore:
    """A ``StateStore`` in a bucket. Safe to share between threads.

    A write costs an entry of the journal, and a listing of what follows it. Snapshots are written when the lease is given
    back, and the journal is cut then. Reading an environment costs two listings and what is new.
    """

    def __init__(
        self, objects: Objects, layout: Layout, clock: Clock, processes: Processes
    ) -> None:
        """``clock`` must tell real time, because other machines use it for leases too."""
        self._objects = objects
        self._layout = layout
        self._held = HeldEnvironments(
            Journal(objects, layout), Leases(objects, layout), clock, processes
        )

    def acquire(self, environment: EnvironmentKey, holder: str, ttl: timedelta) -> Lease:
        """Take the lease with the next epoch; see ``StateStore``."""
        return self._held.take(environment, holder, ttl)

    def renew(self, lease: Lease, ttl: timedelta) -> Lease:
        """Extend the lease. Raises LeaseLostError when it was taken over or given back."""
        return self._held.renew(lease, ttl)

    def release(self, lease: Lease) -> None:
        """Write the snapshots, cut the journal and give the lease back, unless it was taken over."""
        self._held.give_back(lease)

    def lease(self, environment: EnvironmentKey) -> Lease | None:
        """The newest lease; without a holder when it was given back, None when there never was one."""
        return self._held.newest(environment)

    def read(self, stack: StackId) -> RecordedStack:
        """The stack's state; serial 0 and a fresh lineage when there is none."""
        return self._held.view(stack.environment_key).states.get(stack) or _fresh(stack)

    def read_all(self, environment: EnvironmentKey) -> tuple[RecordedStack, ...]:
        """The states of all stacks of the environment, by name and region."""
        return tuple(
            sorted(self._held.view(environment).states.values(), key=lambda state: state.id)
        )

    def headers(self, repository: str, environment: str | None = None) -> tuple[StackHeader, ...]:
        """The headers of the stacks, by environment, name and region. Reads whole states."""
        names = self.environments(repository) if environment is None else (environment,)
        keys = [EnvironmentKey(repository=repository, environment=name) for name in names]
        found = [header_of(state) for key in keys for state in self.read_all(key)]
        return tuple(sorted(found, key=lambda header: header.id))

    def outputs(self, environment: EnvironmentKey) -> Mapping[str, Mapping[str, RecordedOutput]]:
        """The outputs of the environment's stacks by name, without those that were destroyed."""
        return {
            state.id.name: state.outputs
            for state in self.read_all(environment)
            if state.desired_hash is not None
        }

    def holders(self, objects: Collection[tuple[str, RemoteId]]) -> tuple[Holding, ...]:
        """Every record of these objects in any stack of the store. Reads all of it."""
        wanted = frozenset(objects)
        states = [state for key in self._environments() for state in self.read_all(key)]
        found = [holding for state in states for holding in holdings_of(state, wanted)]
        return tuple(sorted(found, key=lambda each: (each.stack, each.address)))

    def stacks(self, environment: EnvironmentKey) -> tuple[StackId, ...]:
        """The environment's stacks in state, empty ones included, by name and region."""
        return tuple(sorted(self._held.view(environment).states))

    def environments(self, repository: str) -> tuple[str, ...]:
        """The repository's environments that state has stacks of, by name."""
        mine = [key for key in self._environments() if key.repository == repository]
        return tuple(key.environment for key in mine if self._held.view(key).states)

    def _environments(self) -> Sequence[EnvironmentKey]:
        names = self._objects.names(self._layout.prefix)
        found = {self._layout.environment_of(name) for name, _ in names}
        return sorted(key for key in found if key is not None)

    def begin(self, lease: Lease, stack: StackId, lineage: str, intent: Intent) -> RecordedStack:
        """Write an intent and set ``complete`` to False; see ``StateStore``."""
        stored = as_stored(intent)
        return self._write(lease, stack, lineage, lambda state: changes.begun(state, stored))

    def identify(
        self, lease: Lease, stack: StackId, operation: str, remote_id: RemoteId
    ) -> RecordedStack:
        """Record the identifier of a create. Raises InvariantError without such an intent."""
        return self._write(
            lease, stack, None, lambda state: changes.identified(state, operation, remote_id)
        )

    def finish(
        self, lease: Lease, stack: StackId, operation: str, resource: RecordedResource | None
    ) -> RecordedStack:
        """Close an intent with its result. Raises InvariantError without such an intent."""
        stored = None if resource is None else as_stored(resource)
        return self._write(
            lease, stack, None, lambda state: changes.finished(state, operation, stored)
        )

    def abandon(self, lease: Lease, stack: StackId, operation: str) -> RecordedStack:
        """Close an intent that did nothing. Raises InvariantError without such an intent."""
        return self._write(lease, stack, None, lambda state: changes.abandoned(state, operation))

    def put(
        self,
        lease: Lease,
        stack: StackId,
        lineage: str,
        resource: RecordedResource,
        moved_from: Address | None = None,
    ) -> RecordedStack:
        """Record a resource without a mutation, and forget the address that it moved from."""
        stored = as_stored(resource)
        return self._write(
            lease, stack, lineage, lambda state: changes.put(state, stored, moved_from)
        )

    def forget(self, lease: Lease, stack: StackId, address: Address) -> RecordedStack:
        """Drop a resource from state without touching the cloud; does nothing when it is absent."""
        return self._write(lease, stack, None, lambda state: changes.forgotten(state, address))

    def look_up(
        self, lease: Lease, stack: StackId, lineage: str, lookups: Mapping[Address, KeptLookup]
    ) -> RecordedStack:
        """Record exactly these answers, and set ``complete`` to False."""
        stored = {address: as_stored(one) for address, one in lookups.items()}
        return self._write(lease, stack, lineage, lambda state: changes.looked_up(state, stored))

    def complete(
        self,
        lease: Lease,
        stack: StackId,
        lineage: str,
        outputs: Mapping[str, RecordedOutput],
        desired_hash: str | None,
        commit: Sha | None,
        life: Life,
    ) -> RecordedStack:
        """Mark an apply as finished. Raises InvariantError while an intent is open."""
        stored = {name: as_stored(output) for name, output in sorted(outputs.items())}
        return self._write(
            lease,
            stack,
            lineage,
            lambda state: changes.completed(state, stored, desired_hash, commit, life),
        )

    def rename(self, lease: Lease, stack: StackId, name: str) -> RecordedStack:
        """Give the stack another name, in one entry; see ``StateStore``."""
        renamed = replace(stack, name=name)

        def change(view: View) -> Sequence[Change]:
            before, other = view.states.get(stack), view.states.get(renamed)
            if before is None:
                return []
            after = changes.renamed(before, other or _fresh(renamed), name)
            return [(renamed, other, after), (stack, before, None)]

        return self._changed(lease, renamed, change)

    def bring(self, lease: Lease, state: RecordedStack) -> RecordedStack:
        """Write the whole state of a stack that this store has nothing of; see ``StateStore``."""

        def change(view: View) -> Sequence[Change]:
            before = view.states.get(state.id)
            return [(state.id, before, changes.brought(before or _fresh(state.id), state))]

        return self._changed(lease, state.id, change)

    def rewrite(self, lease: Lease, state: RecordedStack) -> RecordedStack:
        """Replace resources and deposed objects by hand; see ``StateStore``."""
        stored = replace(
            state,
            resources={at: as_stored(one) for at, one in state.resources.items()},
            deposed=tuple(as_stored(one) for one in state.deposed),
        )
        return self._write(lease, state.id, None, lambda found: changes.rewritten(found, stored))

    def retire(self, lease: Lease, stack: StackId) -> None:
        """Give the state another lineage. Raises InvariantError if there is no state."""
        self._write(lease, stack, None, lambda state: changes.retired(state, secrets.token_hex(16)))

    def _write(
        self,
        lease: Lease,
        stack: StackId,
        lineage: str | None,
        transition: Callable[[RecordedStack], RecordedStack],
    ) -> RecordedStack:
        """Change the state of the stack, in one entry."""

        def change(view: View) -> Sequence[Change]:
            before = view.states.get(stack)
            found = before or _fresh(stack)
            if lineage is not None:
                found = changes.in_lineage(found, lineage)
            elif before is None:
                raise InvariantError(f"{stack.label} has no state to change.")
            return [(stack, before, transition(found))]

        return self._changed(lease, stack, change)

    def _changed(
        self, lease: Lease, stack: StackId, change: Callable[[View], Sequence[Change]]
    ) -> RecordedStack:
        """The state of the stack after the change, which is one entry of the journal."""
        if lease.environment != stack.environment_key:
            raise InvariantError(f"A lease of {lease.environment} cannot guard {stack}.")
        return self._held.changed(lease, change).get(stack) or _fresh(stack)


def _fresh(stack: StackId) -> RecordedStack:
    return RecordedStack(id=stack, lineage=secrets.token_hex(16))
