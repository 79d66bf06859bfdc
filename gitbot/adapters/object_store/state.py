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
from gitbot.adapters.object_store.reader import Reader
from gitbot.adapters.sealing.sealer import PLAIN, Sealer
from gitbot.adapters.state_writes import StateWrites, Transition
from gitbot.errors import InvariantError
from gitbot.model.names import EnvironmentKey, RemoteId, StackId
from gitbot.model.ownership import Holding
from gitbot.model.recorded import (
    Lease,
    RecordedOutput,
    RecordedStack,
    StackHeader,
)
from gitbot.ports.processes import Processes
from gitbot.ports.time import Clock
from gitbot.reconciler import state_changes as changes
from gitbot.reconciler.state_headers import header_of, holdings_of


class S3StateStore(StateWrites):
    """A ``StateStore`` in a bucket. Safe to share between threads.

    A write costs one request, and those that threads make at the same time share it. Snapshots are written
    when the lease is given back, and the journal is cut then. Reading an environment costs three listings and
    what is new, and later one listing if nothing is; that of a lease which is held here costs nothing.
    """

    def __init__(
        self,
        objects: Objects,
        layout: Layout,
        clock: Clock,
        processes: Processes,
        sealer: Sealer = PLAIN,
    ) -> None:
        """``clock`` must tell real time, because other machines use it for leases too."""
        self._objects = objects
        self._layout = layout
        self._leases = Leases(objects, layout)
        self._held = HeldEnvironments(
            Reader(objects, layout, sealer),
            Journal(objects, layout, sealer),
            self._leases,
            clock,
            processes,
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

    def moved_to(self) -> str | None:
        """The store that all state was moved to; None: nowhere."""
        return self._leases.moved_to()

    def close(self, to: str) -> None:
        """Give out no lease from now on."""
        self._leases.close(to)

    def reopen(self) -> None:
        """Give out leases again."""
        self._leases.reopen()

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
        if environment is None:
            views = self._held.views(repository)
        else:
            key = EnvironmentKey(repository=repository, environment=environment)
            views = [self._held.view(key)]
        found = [header_of(state) for view in views for state in view.states.values()]
        return tuple(sorted(found, key=lambda header: header.id))

    def outputs(self, environment: EnvironmentKey) -> Mapping[str, Mapping[str, RecordedOutput]]:
        """The outputs of the environment's stacks by name, without those that were destroyed."""
        return {
            state.id.name: state.outputs
            for state in self.read_all(environment)
            if state.desired_hash is not None and state.moved is None
        }

    def holders(self, objects: Collection[tuple[str, RemoteId]]) -> tuple[Holding, ...]:
        """Every record of these objects in any stack of the store.

        Reads all of it, after one listing; what this store has read before is not read again.
        """
        wanted = frozenset(objects)
        states = [state for view in self._held.views() for state in view.states.values()]
        found = [holding for state in states for holding in holdings_of(state, wanted)]
        return tuple(sorted(found, key=lambda each: (each.stack, each.address)))

    def stacks(self, environment: EnvironmentKey) -> tuple[StackId, ...]:
        """The environment's stacks in state, empty ones included, by name and region."""
        return tuple(sorted(self._held.view(environment).states))

    def environments(self, repository: str) -> tuple[str, ...]:
        """The repository's environments that state has stacks of, by name."""
        return tuple(view.key.environment for view in self._held.views(repository) if view.states)

    def known(self) -> tuple[EnvironmentKey, ...]:
        """Every environment that has objects, by repository and name. Lists all of them."""
        names = self._objects.names(self._layout.prefix)
        found = {self._layout.environment_of(name) for name, _ in names}
        return tuple(sorted(key for key in found if key is not None))

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

    def left(self) -> Mapping[EnvironmentKey, int]:
        """How many values are not sealed as they would be now, by environment; only those with some.

        An entry that was not cut counts too: nobody reads it any more, and it may have values.
        """
        found = {}
        for view in self._held.views():
            uncut = view.numbers - view.fences - {view.head} if view.opened is None else ()
            if count := view.behind + len(uncut):
                found[view.key] = count
        return found

    def seal_anew(self, lease: Lease) -> None:
        """Make the lease, when it is given back, write all snapshots of its environment anew."""
        self._held.make_stale(lease)

    def _write(
        self,
        lease: Lease,
        stack: StackId,
        lineage: str | None,
        transition: Transition,
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
