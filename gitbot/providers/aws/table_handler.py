"""Make the calls of a resource type from its table. Shell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from gitbot.errors import CloudError, ConflictError
from gitbot.model.cloud import Operation, Power
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Found, Observation, ReadRequest
from gitbot.providers.aws.asking import ask
from gitbot.providers.aws.native import NativeType
from gitbot.providers.aws.refusals import means
from gitbot.providers.aws.surfaces import declared, names_of
from gitbot.providers.aws.table import Described, Table, given, is_there
from gitbot.providers.aws.table_declaring import declaration_of
from gitbot.providers.aws.table_deleting import delete_object
from gitbot.providers.aws.table_finding import candidates, found_as, is_made_by, parents_of
from gitbot.providers.aws.table_following import change_in, follow
from gitbot.providers.aws.table_protocols import Detailing
from gitbot.providers.aws.table_reading import described, read_table
from gitbot.providers.aws.table_waiting import (
    check_kept,
    existing,
    power_of,
    switch,
    wait_until_ready,
)
from gitbot.providers.aws.table_writing import put_marks, spelled, write_properties
from gitbot.providers.aws.tagging import Marks, tag_changes
from gitbot.providers.aws.waiting import eventually

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

T = TypeVar("T")


def native_type(table: Table) -> NativeType:
    """The entry of a table in the registry of native types."""
    handler = TableHandler if table.running is None else PoweredTableHandler
    return NativeType(declaration=declaration_of(table), handler=handler(table))


@dataclass(frozen=True, slots=True)
class TableHandler:
    """Fits ``native.Handler``: makes every call from the table."""

    table: Table

    def read(
        self, aws: Connection, requests: Sequence[ReadRequest]
    ) -> Mapping[Address, Observation]:
        """An observation of each object; see ``read_table``."""
        return read_table(self.table, aws, requests)

    def _one(self, aws: Connection, remote_id: str) -> Described | None:
        return described(self.table, aws, [remote_id]).get(remote_id)

    def create(self, aws: Connection, operation: Operation) -> RemoteId:
        """Make the object; a second call for the same operation makes no second object."""
        if operation.asked and (present := self._present(aws, operation)) is not None:
            return present
        operation = replace(operation, asked=True)
        # An object that cannot be found may be about to disappear and free what it has taken.
        return eventually(
            lambda: self._create_once(aws, operation),
            codes=self.table.create.taken,
            operation=operation,
            clock=aws.clock,
        )

    def _present(self, aws: Connection, operation: Operation) -> RemoteId | None:
        """The object that an earlier call made, where a second one would make another one, or take somebody else's."""
        if not self.table.create.repeatable:
            present = self.find(aws, operation)
            if present is not None and present.operation == operation.token:
                return present.remote_id
        if self.table.looks_first:  # AWS would say that it made what is somebody else's
            for one in candidates(self.table, aws, operation):
                return self._own(aws, operation, one)
        return None

    def _create_once(self, aws: Connection, operation: Operation) -> RemoteId:
        create = self.table.create
        try:
            answer = self._call_create(aws, operation)
        except CloudError as error:
            if not means(error, create.taken):
                raise
            return self._already_there(aws, operation, error)
        if change := change_in(self.table, answer):
            operation.accepted(change)
        named = {} if create.name is None else {create.name.property: create.name.of(operation)}
        return RemoteId(create.gives(answer, {**operation.properties, **named}))

    def _call_create(self, aws: Connection, operation: Operation) -> Any:
        create, tags = self.table.create, self.table.tags
        if create.parameters is not None:
            parameters = dict(create.parameters(operation))
        else:
            parameters = given(operation, create.sends)
        if create.name is not None:
            parameters = create.name.given(operation, parameters)
        parameters = spelled(self.table, parameters)
        if create.asks is not None:
            parameters |= create.asks(aws, operation)
        if tags is not None:
            parameters |= tags.at_creation(operation)
        if create.token and operation.request_token is not None:
            parameters[create.token] = operation.request_token
        if create.trace is not None:
            create.trace.keep(aws, operation)
        once = not create.repeatable
        call = self.table.variant(create.call, parameters)
        return ask(aws, self.table.dialect, call, once=once, **parameters)

    def _already_there(self, aws: Connection, operation: Operation, error: CloudError) -> RemoteId:
        """The object that an earlier call of this operation made.

        Raises:
            ConflictError: somebody else made it.
            CloudError: the object that is in the way cannot be found.
        """
        for one in candidates(self.table, aws, operation):
            return self._own(aws, operation, one)
        raise error

    def _own(self, aws: Connection, operation: Operation, described: Described) -> RemoteId:
        """The object that is in the way, if the operation made it. Raises ConflictError if not."""
        present = found_as(self.table, described)
        if self.table.create.nobodys(described):
            put_marks(self.table, aws, operation, described)  # first: it is known by them again
            touched = declared(operation.properties) & self.table.settable
            self._write(aws, operation, present.remote_id, touched)
            return present.remote_id
        if is_made_by(self.table, aws, operation, described):
            return present.remote_id
        raise ConflictError(
            f"{operation.address}: there is {self.table.noun} {present.remote_id} already. Choose "
            f"another one, or take it over with `lifecycle: {{import: {present.remote_id}}}`."
        )

    def settle(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        """Wait until the object can be used, then write what the creating call does not take.

        An object that can be used at once, and is whole, is not looked at: whoever reads it waits for it.
        """
        if self.table.tags is not None and self.table.tags.late:
            put_marks(self.table, aws, operation, existing(self.table, aws, remote_id))
        follow(self.table, aws, operation, remote_id, operation.receipt or "")
        if self.table.prepares is not None:
            self.table.prepares(aws, operation, remote_id)
        touched = declared(operation.properties) - set(self.table.create.sends)
        written, takes_time = touched & self.table.settable, self.table.ready is not is_there
        if written or takes_time:
            seen = wait_until_ready(self.table, aws, operation, remote_id)
            if written:
                self._write(aws, operation, remote_id, touched, seen)
                if takes_time:
                    wait_until_ready(self.table, aws, operation, remote_id)
        self._complete(aws, operation, remote_id)

    def _complete(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        if self.table.completes is not None:
            self.table.completes(aws, operation, remote_id)

    def update(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        """Write the touched properties, then wait until the object can be used again."""
        touched = operation.changed | operation.removed
        self._write(aws, operation, remote_id, touched)
        tags = self.table.tags
        if tags is not None and tags.declared in touched:
            described = existing(self.table, aws, remote_id)
            changes = tag_changes(operation, tags.declared)
            if changes.remove:  # first: to IAM, ``Owner`` and ``owner`` are one key
                tags.remove(aws, described, changes.remove)
            if isinstance(tags, Detailing):
                tags.put_declared(aws, described, operation)
            elif changes.put:
                tags.put(aws, described, changes.put)
        wait_until_ready(self.table, aws, operation, remote_id)
        self._complete(aws, operation, remote_id)
        check_kept(self.table, aws, operation, remote_id)

    def _write(
        self,
        aws: Connection,
        operation: Operation,
        remote_id: str,
        touched: frozenset[str],
        seen: Described | None = None,
    ) -> None:
        """Make the touched properties what they must be. ``seen`` is the description of the object by now, if known."""
        known = [] if seen is None or touched & names_of(self.table.surfaces) else [seen]

        def describe(ready: bool) -> Described:
            if ready:
                return wait_until_ready(self.table, aws, operation, remote_id)
            return known.pop() if known else existing(self.table, aws, remote_id)

        write_properties(self.table, aws, operation, remote_id, touched, describe)

    def delete(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        """Delete the object and wait until it is gone; an absent object counts as deleted."""
        delete_object(self.table, aws, operation, remote_id)

    def find(self, aws: Connection, operation: Operation) -> Found | None:
        """The object with the operation's tag, or else the one with the natural key."""
        if self.table.create.trace is not None:
            return self.table.create.trace.find(aws, operation)
        for one in candidates(self.table, aws, operation):
            if not self.table.create.nobodys(one):
                return replace(found_as(self.table, one), parents=parents_of(self.table, one))
        return None

    def tagged(self, aws: Connection, marks: Marks) -> Iterator[Found]:
        """The live objects with these ownership tags; none if the type has no tags."""
        if self.table.tags is not None:
            for one in self.table.listing.by_marks(aws, marks):
                if self.table.exists(one):
                    yield found_as(self.table, one)

    def adopt(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        """Put the ownership tags on the object, if the type has tags."""
        if self.table.tags is not None and operation.ownership:
            self.table.tags.put(aws, existing(self.table, aws, remote_id), operation.ownership)


@dataclass(frozen=True, slots=True)
class PoweredTableHandler(TableHandler):
    """Fits ``native.Powered`` too: the objects can be stopped and started."""

    def power(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> Power | None:
        """Whether the object runs; None when it is gone or going."""
        return power_of(self.table, aws, remote_id)

    def start(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        """Start the object and wait until it runs."""
        switch(self.table, aws, operation, remote_id, Power.RUNNING)

    def stop(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        """Stop the object and wait until it is stopped."""
        switch(self.table, aws, operation, remote_id, Power.STOPPED)
