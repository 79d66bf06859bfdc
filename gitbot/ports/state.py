"""The port to the recorded state of stacks and to the leases that guard it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

from gitbot.model.names import Address, EnvironmentKey, RemoteId, Sha, StackId
from gitbot.model.recorded import (
    Intent,
    Lease,
    RecordedOutput,
    RecordedResource,
    RecordedStack,
    StackHeader,
)


class StateStore(Protocol):
    """The state of stacks and the leases that guard it, in one store.

    Every write checks in its own transaction that the lease's epoch is the newest of the
    environment, and raises ``LeaseLostError`` otherwise. It returns the state after the write.
    """

    def acquire(self, environment: EnvironmentKey, holder: str, ttl: timedelta) -> Lease:
        """Take the environment's lease; an expired one is taken over with a higher epoch.

        Raises:
            LeaseUnavailableError: somebody else holds it; names the holder and when it ends.
        """

    def renew(self, lease: Lease, ttl: timedelta) -> Lease:
        """Extend the lease. Raises LeaseLostError when it was taken over."""

    def release(self, lease: Lease) -> None:
        """Give the lease back; a lease that was taken over is left alone."""

    def read(self, stack: StackId) -> RecordedStack:
        """The stack's state; serial 0 and a fresh lineage for one that was never applied. The
        lineage of an unapplied stack is not stored until its first write."""

    def read_all(self, environment: EnvironmentKey) -> tuple[RecordedStack, ...]:
        """The states of all stacks of the environment, of one instant, by name and region."""

    def headers(self, repository: str, environment: str | None = None) -> tuple[StackHeader, ...]:
        """The headers of the repository's (or one environment's) stacks, of one instant, by
        environment, name and region; empty stacks too."""

    def stacks(self, environment: EnvironmentKey) -> tuple[StackId, ...]:
        """The environment's stacks that state knows, empty ones included, by name."""

    def environments(self, repository: str) -> tuple[str, ...]:
        """The repository's environments that state knows stacks of, by name."""

    def begin(self, lease: Lease, stack: StackId, lineage: str, intent: Intent) -> RecordedStack:
        """Write an intent (and ``complete`` False). The same operation again replaces it.

        Raises:
            StaleError: the stack's state has another lineage than the one that was read.
        """

    def identify(
        self, lease: Lease, stack: StackId, operation: str, remote_id: RemoteId
    ) -> RecordedStack:
        """Record the identifier of a create, before anything else is done to the object."""

    def finish(
        self, lease: Lease, stack: StackId, operation: str, resource: RecordedResource | None
    ) -> RecordedStack:
        """Close an intent with its result, in one transaction.

        A create or update records ``resource``; the old object of an intent that ``deposes`` goes
        to ``deposed``. A delete passes None and removes the resource (or the deposed object).

        Raises:
            InvariantError: no such intent is open (so do ``identify`` and ``abandon``), or a
                result that does not fit its kind.
        """

    def abandon(self, lease: Lease, stack: StackId, operation: str) -> RecordedStack:
        """Close an intent that did nothing."""

    def put(
        self,
        lease: Lease,
        stack: StackId,
        lineage: str,
        resource: RecordedResource,
        moved_from: Address | None = None,
    ) -> RecordedStack:
        """Record a resource without a mutation: adopted, moved or refreshed. In the same
        transaction the address that it moved from is forgotten."""

    def forget(self, lease: Lease, stack: StackId, address: Address) -> RecordedStack:
        """Drop a resource from state without touching the cloud."""

    def rename(self, lease: Lease, stack: StackId, name: str) -> RecordedStack:
        """Give the stack another name; lineage and resources stay.

        Raises:
            ConflictError: state has another stack of that name with resources.
        """

    def complete(
        self,
        lease: Lease,
        stack: StackId,
        lineage: str,
        outputs: Mapping[str, RecordedOutput],
        desired_hash: str | None,
        commit: Sha | None,
    ) -> RecordedStack:
        """Mark an apply as finished without failures: outputs, hash and commit.

        Raises:
            InvariantError: an intent is still open.
        """
