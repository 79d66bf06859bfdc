"""Make, read, change and delete the objects of one type through Cloud Control. Shell."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from gitbot.errors import CloudError
from gitbot.model.cloud import Operation
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Absent, Found, Observation, Present, ReadRequest
from gitbot.providers.aws.advice import apply_first
from gitbot.providers.aws.cloud_control import objects
from gitbot.providers.aws.cloud_control.events import (
    ALREADY_EXISTS,
    NOT_FOUND,
    SERVICE,
    Event,
    event_of,
    failure,
    spoilt,
    token_of,
)
from gitbot.providers.aws.cloud_control.finding import find, is_left
from gitbot.providers.aws.cloud_control.kinds import Kind
from gitbot.providers.aws.cloud_control.patch import Step, ownership_patch, patch_of
from gitbot.providers.aws.cloud_control.requests import drive, follow, named, status
from gitbot.providers.aws.passing import Stage
from gitbot.providers.aws.tagging import Marks, ownership_of

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

Steps: TypeAlias = Callable[[objects.Object], Sequence[Step]]
"""Makes a patch for the object as it is now."""


@dataclass(frozen=True, slots=True)
class CloudControlHandler:
    """Fits ``native.Handler``, ``Resuming`` and ``Tagged``. AWS accepts each mutation as a request
    and carries it out later; its receipt is kept before anything else is done."""

    kind: Kind

    def read(
        self, aws: Connection, requests: Sequence[ReadRequest]
    ) -> Mapping[Address, Observation]:
        """An observation of each object: one call each, side by side."""
        seen = aws.each(lambda one: self._observe(aws, one.remote_id), requests)
        return {request.address: one for request, one in zip(requests, seen, strict=True)}

    def _observe(self, aws: Connection, remote_id: RemoteId) -> Observation:
        one = objects.read(aws, self.kind, remote_id)
        if one is None:
            return Absent()
        if one.identifier != remote_id:
            raise CloudError(
                f"{self.kind.name} {remote_id} was asked for, and the answer is about "
                f"{one.identifier}: nothing is done with it.",
                code="WrongObject",
            )
        tags = objects.tags(self.kind, one.properties)
        return Present(remote_id=remote_id, properties=one.properties, ownership=ownership_of(tags))

    # --- creating --------------------------------------------------------------------------------

    def create(self, aws: Connection, operation: Operation) -> RemoteId:
        """Ask for the object and wait until AWS names it; see ``ports.Cloud.create``.

        A request that failed and left an object returns it: ``settle`` says then that it is spoilt.

        https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/API_CreateResource.html
        """

        def submit(attempt: int) -> Event:
            return self._accepted(
                operation,
                aws.call(
                    SERVICE,
                    "create_resource",
                    TypeName=self.kind.name,
                    ClientToken=token_of(operation, attempt),
                    DesiredState=self.kind.desired_state(operation),
                ),
            )

        def stands(event: Event) -> bool:
            return not event.failed or is_left(aws, self.kind, operation, event)

        event = drive(aws, operation, Stage.MAKE, submit, named, stands)
        return RemoteId(event.identifier)

    def settle(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        """Wait until the creating request has ended, and put the tags that it does not take.

        Raises:
            ConflictError: somebody else has made an object under the name.
            CloudError: it failed and left the object (code ``FAILED``).
        """
        event = status(aws, operation.receipt) if operation.receipt else None
        if event is not None:
            event = follow(aws, operation, event)
            if event.code == ALREADY_EXISTS and event.failed:
                raise failure(event, operation, aws.hidden(event.message))
            if event.failed:
                raise spoilt(event, operation, aws.hidden(event.message))
        tagging = self.kind.tagging
        if tagging is not None and tagging.later and not tagging.at_creation:
            self.adopt(aws, operation, remote_id)

    # --- changing --------------------------------------------------------------------------------

    def update(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        """Send what differs of the touched properties as one patch, and wait until it is done."""
        self._patch(
            aws,
            operation,
            remote_id,
            lambda now: patch_of(self.kind.schema, self.kind.tagging, operation, now.properties),
            keeps_receipt=True,
        )

    def resume(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        """Wait until the request of an earlier process has ended, and send what it left."""
        event = status(aws, operation.receipt) if operation.receipt else None
        if event is not None:
            follow(aws, operation, event)
        self.update(aws, operation, remote_id)

    def adopt(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        """Put the ownership tags on the object, if its tags can be changed."""
        tagging = self.kind.tagging
        if tagging is None or not tagging.later or not operation.ownership:
            return
        schema = self.kind.schema
        self._patch(
            aws,
            operation,
            remote_id,
            lambda now: ownership_patch(schema, tagging, operation, now.properties),
            keeps_receipt=False,  # it may be made without an intent
        )

    def _patch(
        self,
        aws: Connection,
        operation: Operation,
        remote_id: RemoteId,
        steps_of: Steps,
        *,
        keeps_receipt: bool,
    ) -> None:
        now = objects.read(aws, self.kind, remote_id)
        if now is None:
            raise CloudError(f"{self.kind.name} {remote_id} is gone", code="NotFound")
        steps = steps_of(now)
        if not steps:
            return
        self._refuse_withheld(operation, remote_id)

        def submit(_: int) -> Event:
            # botocore makes a new client token for each request: one that failed counts no more.
            answer = aws.call(
                SERVICE,
                "update_resource",
                TypeName=self.kind.name,
                Identifier=remote_id,
                PatchDocument=json.dumps(steps, ensure_ascii=False),
            )
            return self._accepted(operation, answer) if keeps_receipt else event_of(answer)

        drive(aws, operation, Stage.CHANGE, submit)

    def _refuse_withheld(self, operation: Operation, remote_id: RemoteId) -> None:
        """Raises CloudError where an update would take away a value that is not at hand."""
        if missing := self.kind.withheld(operation):
            raise CloudError(
                f"{operation.address}: {remote_id} cannot be changed without sending "
                f"{', '.join(missing)} again, which AWS shows to nobody and state does not have. "
                "The next apply sends it.",
                code="ValueWithheld",
            )

    # --- deleting --------------------------------------------------------------------------------

    def delete(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        """Delete the object and wait until it is gone. An absent object counts as deleted.

        Raises:
            CloudError: AWS refuses, or a snapshot is wanted, which Cloud Control cannot make.
        """
        if operation.snapshot_on_delete:
            raise CloudError(
                f"{self.kind.name} {remote_id} was left as it is: AWS Cloud Control made it, and keeps "
                "nothing in a snapshot. Make one yourself, set `lifecycle: {snapshotOnDelete: false}` "
                f"and {apply_first(operation.address)}.",
                code="NoSnapshot",
            )

        def submit(_: int) -> Event:
            # A new client token each time: AWS would answer an old one with how that request ended.
            answer = aws.call(
                SERVICE, "delete_resource", TypeName=self.kind.name, Identifier=remote_id
            )
            return event_of(answer)

        def gone(event: Event) -> bool:
            return not event.failed or event.code in NOT_FOUND

        try:
            drive(aws, operation, Stage.DELETE, submit, stands=gone)
        except CloudError as error:
            if error.code not in NOT_FOUND:
                raise

    # --- looking for it --------------------------------------------------------------------------

    def find(self, aws: Connection, operation: Operation) -> Found | None:
        """See ``finding.find``."""
        return find(aws, self.kind, operation)

    def tagged(self, aws: Connection, marks: Marks) -> Iterator[Found]:
        """The objects with these ownership tags; none where AWS does not list without a parent."""
        if self.kind.tagging is None:
            return
        for one in objects.all_of(aws, self.kind, {}):
            found = objects.as_found(self.kind, one)
            if marks.fit(found):
                yield found

    def _accepted(self, operation: Operation, answer: Mapping[str, object]) -> Event:
        """The event of an accepted request, whose receipt is kept first."""
        event = event_of(answer)
        operation.accepted(event.receipt)
        return event
