"""A cloud: what is read of it and what is changed in it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from gitbot.model.cloud import Operation, Purpose
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
        """The caller's account, asked of the cloud once and kept."""

    def read(self, requests: Sequence[ReadRequest]) -> Mapping[Address, Observation]:
        """Observe the objects, in as few calls as the types allow. Never ``Unread``."""

    def create(self, operation: Operation) -> RemoteId:
        """The one call that creates the object, and nothing after it.

        Raises:
            ConflictError: an object under the wanted name exists already.
        """

    def settle(self, operation: Operation, remote_id: RemoteId) -> None:
        """After a create: idempotent follow-up calls, then wait until the object is ready."""

    def update(self, operation: Operation, remote_id: RemoteId) -> None:
        """Bring the changed and removed properties to the desired values; idempotent; waits."""

    def delete(self, operation: Operation, remote_id: RemoteId) -> None:
        """Delete and wait until it is gone. Deleting the absent succeeds."""

    def find(self, operation: Operation) -> Found | None:
        """The live object that ``operation`` created, or that has its natural key: by operation
        tag, then by name. None: it is not there. Terminated objects do not count."""

    def adopt(self, operation: Operation, remote_id: RemoteId) -> None:
        """Put the ownership tags on an existing object, where the type takes tags; idempotent."""


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
