"""The port through which jobs and the walk read and change a cloud. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from gitbot.model.cloud import Operation, Power, Purpose
from gitbot.model.desired import Environment
from gitbot.model.hours import BusyMetric, PreStop
from gitbot.model.lookups import Answer, LookupRule, Question
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import (
    Deed,
    Found,
    Lookup,
    Objection,
    Observation,
    ReadRequest,
    Stray,
)
from gitbot.model.schema import SchemaLookup
from gitbot.model.secret_references import Asked, Opened
from gitbot.ports.trail import Trail


class Cloud(Protocol):
    """One account and region of a cloud.

    Every method raises ``CloudError`` when the service refuses and a retry would not help, and
    ``TransientError`` when the retries are used up.
    """

    @property
    def region(self) -> str:
        """The region of the connection."""

    def account(self) -> str:
        """The account of the credentials. The cloud is asked only once."""

    def at(self, region: str) -> Cloud:
        """The cloud with the same credentials in that region; this one when it is there."""

    def read(self, requests: Sequence[ReadRequest]) -> Mapping[Address, Observation]:
        """The observed state of each object, in as few calls as possible. Never ``Unread``."""

    def create(self, operation: Operation) -> RemoteId:
        """Make the call that creates the object, and return the object's identifier.

        Sends ``operation.request_token`` if the type takes a client token. A second call with the
        same token and properties then returns the same object.

        Raises:
            ConflictError: an object with the wanted name exists already.
        """

    def settle(self, operation: Operation, remote_id: RemoteId) -> None:
        """Make the calls that follow a create, then wait until the object is ready. Idempotent.

        One that is ready as soon as it is there may not be visible to reads yet.
        """

    def update(self, operation: Operation, remote_id: RemoteId) -> None:
        """Set the changed properties, delete the removed ones, and wait until that is done.

        Properties that only a stopped object takes (``TypeSchema.restarts``) are refused while it
        runs: call ``stop`` first. Idempotent.
        """

    def resume(self, operation: Operation, remote_id: RemoteId) -> None:
        """Finish an update that an earlier process began, from wherever it stopped, and wait."""

    def delete(self, operation: Operation, remote_id: RemoteId) -> None:
        """Delete the object and wait until it is gone. Deleting an absent object succeeds."""

    def find(self, operation: Operation) -> Found | None:
        """The object that ``operation`` created, or that has its natural key; else None.

        Looks for the operation tag first, unless no call was made yet (``operation.asked``), then for the
        name. Terminated objects do not count.
        """

    def look(self, lookups: Sequence[Lookup]) -> Mapping[Address, tuple[Found, ...]]:
        """The live objects that each resource to be created may be already, in few calls.

        An address for which nothing was found may be missing.
        """

    @property
    def lookup_rules(self) -> tuple[LookupRule, ...]:
        """What the specs of the environment may look up, by the rules that it was opened with."""

    def look_up(self, question: Question) -> Answer:
        """What the cloud says to the question. Only reads, and only what ``lookup_rules`` list.

        Raises:
            CloudError: nothing was found, too much, or something secret; ``code`` is one of
                ``model.lookups.Unanswered`` then.
        """

    def strays(self) -> Sequence[Stray]:
        """Every object with gitbot's tags that the cloud's index of tags has, in few calls.

        The index can lag, and name what was deleted: read an object before you rely on it. Not every
        type is in it.
        """

    def owned(self) -> Sequence[tuple[str, RemoteId]]:
        """Type and identifier of every object that may carry gitbot's tags, of all types that have tags.

        Names more than ``strays``, for more calls, and some that have no such tag: read each one.
        """

    def objections(self, deeds: Sequence[Deed]) -> Sequence[Objection]:
        """What the cloud will object to in these deeds of one plan. Only reads, and each thing once."""

    def adopt(self, operation: Operation, remote_id: RemoteId) -> None:
        """Put the ownership tags on an existing object, if its type takes tags. Idempotent."""

    def power(self, operation: Operation, remote_id: RemoteId) -> Power | None:
        """Whether the object runs; None when it is gone, or cannot be started and stopped."""

    def start(self, operation: Operation, remote_id: RemoteId) -> None:
        """Start the object and wait until it runs. Starting a running object succeeds."""

    def stop(self, operation: Operation, remote_id: RemoteId) -> None:
        """Stop the object and wait until it is stopped. Stopping a stopped object succeeds."""

    @property
    def listed_secrets(self) -> tuple[str, ...]:
        """The patterns of the references to secrets that the environment lists."""

    def secret_versions(self, references: Collection[str]) -> Asked:
        """The version that each secret has now, or what is wrong with it. Reads no value."""

    def open_secrets(self, references: Collection[str], own: Mapping[Address, RemoteId]) -> Opened:
        """Each secret in the clear, or what is wrong with it: for one call, and for nothing else.

        ``own`` are the secrets among them that the stack itself made, as its state has them. A secret
        that the environment does not list is never read.
        """

    def measure(
        self, metric: BusyMetric, remote_ids: Sequence[RemoteId]
    ) -> Mapping[RemoteId, float | None]:
        """The metric of each machine over its window until now; None where there is no data."""

    def run_before_stop(self, operation: Operation, remote_id: RemoteId, command: PreStop) -> None:
        """Run the command on the machine and wait until it ends.

        Raises:
            CloudError: it failed, took too long, or the machine takes no commands.
        """


class Clouds(Protocol):
    """Opens connections, with the role of the environment for the purpose."""

    def open(self, environment: Environment, purpose: Purpose) -> Cloud:
        """A connection to the account ``environment.account``.

        Raises:
            UserError: there are no credentials, the role cannot be assumed, or the account is
                another one.
        """

    def trail(self, environment: Environment) -> Trail:
        """The record of calls in the account and region of the environment, with the plan's role.

        Raises:
            UserError: as ``open`` does.
        """

    @property
    def schemas(self) -> SchemaLookup:
        """Looks up the schema of any resource type that gitbot knows."""

    @property
    def pack_version(self) -> str:
        """The version of the schema pack."""
