"""How jobs and the walk read a cloud and change it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from gitbot.model.cloud import Operation, Power, Purpose
from gitbot.model.desired import Environment
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Found, Observation, ReadRequest
from gitbot.model.schema import SchemaLookup


class Cloud(Protocol):
    """One account and region of a cloud.

    Every method raises ``CloudError`` when the service refuses for good and ``TransientError``
    when retries are used up.
    """

    @property
    def region(self) -> str:
        """The region of the connection."""

    def account(self) -> str:
        """The account that the credentials belong to. Asked of the cloud only once."""

    def read(self, requests: Sequence[ReadRequest]) -> Mapping[Address, Observation]:
        """What each object looks like now, in as few calls as the types allow. Never ``Unread``."""

    def create(self, operation: Operation) -> RemoteId:
        """Make the one call that creates the object, and return the object's identifier.

        Sends ``operation.request_token`` where the type takes a client token: a second call with
        the same token and properties returns the same object.

        Raises:
            ConflictError: an object under the wanted name exists already.
        """

    def settle(self, operation: Operation, remote_id: RemoteId) -> None:
        """Make the calls that follow a create, then wait until the object is ready. Idempotent."""

    def update(self, operation: Operation, remote_id: RemoteId) -> None:
        """Set the changed properties, delete the removed ones, and wait until that is done.

        What only a stopped object takes (``TypeSchema.restarts``) is refused while it runs: see
        ``stop``. Idempotent.
        """

    def resume(self, operation: Operation, remote_id: RemoteId) -> None:
        """Finish an update that an earlier process began, however far it came, and wait."""

    def delete(self, operation: Operation, remote_id: RemoteId) -> None:
        """Delete the object and wait until it is gone. Deleting an absent object succeeds."""

    def find(self, operation: Operation) -> Found | None:
        """The live object that ``operation`` created, or that has its natural key; None if there
        is none. Looks by operation tag, then by name. Terminated objects do not count."""

    def adopt(self, operation: Operation, remote_id: RemoteId) -> None:
        """Put the ownership tags on an existing object, where the type takes tags. Idempotent."""

    def power(self, operation: Operation, remote_id: RemoteId) -> Power | None:
        """Whether the object runs; None when it is gone or its type has no power switch."""

    def start(self, operation: Operation, remote_id: RemoteId) -> None:
        """Start the object and wait until it runs. Starting a running object succeeds."""

    def stop(self, operation: Operation, remote_id: RemoteId) -> None:
        """Stop the object and wait until it is stopped. Stopping a stopped object succeeds."""


class Clouds(Protocol):
    """Opens connections, with the environment's role for the purpose."""

    def open(self, environment: Environment, purpose: Purpose) -> Cloud:
        """A connection whose account has been checked against ``environment.account``.

        Raises:
            UserError: no credentials, the role cannot be assumed, or another account answers.
        """

    @property
    def schemas(self) -> SchemaLookup:
        """Every resource type that gitbot knows."""

    @property
    def pack_version(self) -> str:
        """The version of the schema pack."""
