"""The writes to state that every store makes alike: a change of one stack under a lease. Pure."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

from gitbot.model.codec import as_stored
from gitbot.model.expiry import Life
from gitbot.model.lookups import KeptLookup
from gitbot.model.names import Address, RemoteId, Sha, StackId
from gitbot.model.recorded import (
    Intent,
    Lease,
    Moved,
    RecordedOutput,
    RecordedResource,
    RecordedStack,
)
from gitbot.reconciler import state_changes as changes
from gitbot.reconciler.rebuilding import rebuilt

Transition: TypeAlias = Callable[[RecordedStack], RecordedStack]


class StateWrites(ABC):
    """The part of a ``StateStore`` that writes one stack. A store says how a change is kept."""

    @abstractmethod
    def _write(
        self, lease: Lease, stack: StackId, lineage: str | None, transition: Transition
    ) -> RecordedStack:
        """Check the lease, change the state of the stack and keep it; returns the state after it.

        ``lineage`` is that which the writer read; None: the stack must have a state already.
        """

    def begin(self, lease: Lease, stack: StackId, lineage: str, intent: Intent) -> RecordedStack:
        """Write an intent and set ``complete`` to False. The same operation again replaces its
        intent.

        Raises:
            LeaseLostError: the lease's epoch is not the newest.
            StaleError: the stack has another lineage.
            TypeError: the intent holds a sensitive value.
        """
        stored = as_stored(intent)
        return self._write(lease, stack, lineage, lambda state: changes.begun(state, stored))

    def identify(
        self, lease: Lease, stack: StackId, operation: str, remote_id: RemoteId
    ) -> RecordedStack:
        """Record the identifier of a create. Raises InvariantError without such an intent."""
        return self._write(
            lease, stack, None, lambda state: changes.identified(state, operation, remote_id)
        )

    def receive(self, lease: Lease, stack: StackId, operation: str, receipt: str) -> RecordedStack:
        """Record the receipt of an accepted request. Raises InvariantError without such an intent."""
        return self._write(
            lease, stack, None, lambda state: changes.received(state, operation, receipt)
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
        self,
        lease: Lease,
        stack: StackId,
        lineage: str,
        lookups: Mapping[Address, KeptLookup],
    ) -> RecordedStack:
        """Record exactly these answers, and set ``complete`` to False."""
        stored = {address: as_stored(one) for address, one in lookups.items()}
        return self._write(lease, stack, lineage, lambda state: changes.looked_up(state, stored))

    def give(
        self,
        lease: Lease,
        stack: StackId,
        lineage: str,
        outputs: Mapping[str, RecordedOutput],
    ) -> RecordedStack:
        """Record outputs, and set ``complete`` to False."""
        stored = _sorted(outputs)
        return self._write(lease, stack, lineage, lambda state: changes.given(state, stored))

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
        stored = _sorted(outputs)
        return self._write(
            lease,
            stack,
            lineage,
            lambda state: changes.completed(state, stored, desired_hash, commit, life),
        )

    def rewrite(self, lease: Lease, state: RecordedStack) -> RecordedStack:
        """Replace resources and deposed objects by hand; see ``StateStore``."""
        stored = replace(
            state,
            resources={at: as_stored(one) for at, one in state.resources.items()},
            deposed=tuple(as_stored(one) for one in state.deposed),
        )
        return self._write(lease, state.id, None, lambda found: changes.rewritten(found, stored))

    def rebuild(self, lease: Lease, before: RecordedStack, state: RecordedStack) -> RecordedStack:
        """Replace everything that the store has of a stack; see ``StateStore``."""
        stored = as_stored(state)
        return self._write(lease, state.id, None, lambda found: rebuilt(found, before, stored))

    def settle(self, lease: Lease, stack: StackId) -> RecordedStack:
        """Keep here from now on what was brought. Raises InvariantError if there is no state."""
        return self._write(lease, stack, None, changes.settled)

    def retire(self, lease: Lease, stack: StackId, moved: Moved) -> None:
        """Leave only a copy here. Raises InvariantError if there is no state."""
        lineage = secrets.token_hex(16)
        self._write(lease, stack, None, lambda state: changes.retired(state, lineage, moved))


def _sorted(outputs: Mapping[str, RecordedOutput]) -> Mapping[str, RecordedOutput]:
    return {name: as_stored(output) for name, output in sorted(outputs.items())}
