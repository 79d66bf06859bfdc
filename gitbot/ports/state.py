"""The port to the recorded state of stacks, and to the leases on it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Protocol

from gitbot.model.expiry import Life
from gitbot.model.lookups import KeptLookup
from gitbot.model.names import Address, EnvironmentKey, RemoteId, Sha, StackId
from gitbot.model.ownership import Holding
from gitbot.model.recorded import (
    Intent,
    Lease,
    Moved,
    RecordedOutput,
    RecordedResource,
    RecordedStack,
    StackHeader,
)


class StateStore(Protocol):
    """The state of stacks and the leases on it, in one store.

    Every write checks, in its own transaction, that the lease has the newest epoch of the
    environment, and raises ``LeaseLostError`` otherwise. It returns the state after the write.
    """

    def acquire(self, environment: EnvironmentKey, holder: str, ttl: timedelta) -> Lease:
        """Take the lease of the environment. An expired lease is taken over with a higher epoch.

        Raises:
            LeaseUnavailableError: somebody else holds it; names the holder, since when and what was done.
            UserError: all state was moved to another store; names it.
        """

    def renew(self, lease: Lease, ttl: timedelta) -> Lease:
        """Extend the lease. Raises LeaseLostError when it was taken over."""

    def release(self, lease: Lease) -> None:
        """Release the lease. Does nothing when it was taken over."""

    def lease(self, environment: EnvironmentKey) -> Lease | None:
        """The newest lease as it was last written; None when the environment never had one.

        ``holder`` is empty when it was given back. It is not locked: look at its epoch again later.
        """

    def read(self, stack: StackId) -> RecordedStack:
        """The state of the stack.

        A stack that was never applied has serial 0 and a new lineage, which is stored with its
        first write.
        """

    def read_all(self, environment: EnvironmentKey) -> tuple[RecordedStack, ...]:
        """The states of all stacks of the environment at one instant, sorted by name and region."""

    def headers(self, repository: str, environment: str | None = None) -> tuple[StackHeader, ...]:
        """The headers of all stacks of the repository, or of one environment, at one instant.

        Sorted by environment, name and region. Empty stacks are included.
        """

    def outputs(self, environment: EnvironmentKey) -> Mapping[str, Mapping[str, RecordedOutput]]:
        """The outputs that the last completed apply of each stack of the environment recorded.

        By the stack's name; a stack that was never applied, was destroyed or is kept elsewhere has none.
        """

    def holders(self, objects: Collection[tuple[str, RemoteId]]) -> tuple[Holding, ...]:
        """Every record of these objects (type, identifier) in any stack of the store.

        Sorted by stack and address. Deposed objects are not looked at: their tags say whose they
        are.
        """

    def stacks(self, environment: EnvironmentKey) -> tuple[StackId, ...]:
        """The stacks of the environment that state knows, empty ones included, sorted by name."""

    def environments(self, repository: str) -> tuple[str, ...]:
        """The environments of the repository with stacks that state knows, sorted by name."""

    def known(self) -> tuple[EnvironmentKey, ...]:
        """Every environment that has a stack or ever had a lease, of all repositories, sorted."""

    def moved_to(self) -> str | None:
        """The store that all state was moved to, so that no lease is given out here; None: nowhere."""

    def close(self, to: str) -> None:
        """Give out no lease from now on, because all state was moved to that store."""

    def reopen(self) -> None:
        """Give out leases again, also if none were refused."""

    def begin(self, lease: Lease, stack: StackId, lineage: str, intent: Intent) -> RecordedStack:
        """Record an intent and set ``complete`` to False. Replaces one of the same operation.

        Raises:
            StaleError: the state of the stack does not have this lineage.
        """

    def identify(
        self, lease: Lease, stack: StackId, operation: str, remote_id: RemoteId
    ) -> RecordedStack:
        """Record the identifier of a created object. Call it before anything else is done to it."""

    def receive(self, lease: Lease, stack: StackId, operation: str, receipt: str) -> RecordedStack:
        """Record the receipt of a request that the cloud has accepted and carries out."""

    def finish(
        self, lease: Lease, stack: StackId, operation: str, resource: RecordedResource | None
    ) -> RecordedStack:
        """Close an intent with its result, in one transaction.

        A create or update records ``resource``; if the intent ``deposes``, the old object moves to
        ``deposed``. A delete passes None, and removes the resource or the deposed object.

        Raises:
            InvariantError: no such intent is open, or the result does not fit its kind. ``identify``,
                ``receive`` and ``abandon`` raise it too when the intent is not open.
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
        """Record a resource without a mutation: one that was adopted, moved or refreshed.

        The same transaction removes the address ``moved_from``.
        """

    def forget(self, lease: Lease, stack: StackId, address: Address) -> RecordedStack:
        """Remove a resource from state without touching the cloud."""

    def rename(self, lease: Lease, stack: StackId, name: str) -> RecordedStack:
        """Rename the stack. Its lineage and resources stay.

        Raises:
            ConflictError: state has another stack of that name with resources.
        """

    def bring(self, lease: Lease, state: RecordedStack) -> RecordedStack:
        """Take over the whole state of a stack from elsewhere, with its lineage.

        If it says that it is ``moved``, nothing may be changed before ``settle``.

        Raises:
            ConflictError: this store has something of the stack already.
        """

    def settle(self, lease: Lease, stack: StackId) -> RecordedStack:
        """Keep here what was brought: it is not ``moved`` any more."""

    def rewrite(self, lease: Lease, state: RecordedStack) -> RecordedStack:
        """Record the resources and deposed objects of ``state``, which was read and edited.

        The stack counts as complete only if it was and ``state`` says so.

        Raises:
            StaleError: the state moved since it was read.
            InvariantError: an intent is open.
        """

    def rebuild(self, lease: Lease, before: RecordedStack, state: RecordedStack) -> RecordedStack:
        """Put ``state`` in place of what was read as ``before``, whatever its lineage, intents included.

        It was rebuilt by a look at the cloud, or edited as a document.

        Raises:
            StaleError: the state moved since ``before`` was read.
        """

    def retire(self, lease: Lease, stack: StackId, moved: Moved) -> None:
        """Leave only a copy of the stack's state, because another store has taken it over.

        It gets another lineage: a version of gitbot that does not know ``moved`` then takes its objects
        for those of another stack. Every other change of it is refused, with the name of that store.
        """

    def look_up(
        self,
        lease: Lease,
        stack: StackId,
        lineage: str,
        lookups: Mapping[Address, KeptLookup],
    ) -> RecordedStack:
        """Record exactly these answers of lookups, and set ``complete`` to False.

        Objects may be made with them from then on.
        """

    def give(
        self,
        lease: Lease,
        stack: StackId,
        lineage: str,
        outputs: Mapping[str, RecordedOutput],
    ) -> RecordedStack:
        """Record the outputs of an apply that left objects over, and set ``complete`` to False."""

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
        """Record that an apply finished without failures, with its outputs, hash, commit and life.

        Without ``desired_hash`` the stack was destroyed, and its life is over.

        Raises:
            InvariantError: an intent is still open.
        """
