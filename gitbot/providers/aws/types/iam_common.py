"""What the IAM types share: conflicts of names, and waiting until IAM sees a change. Shell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError, ConflictError
from gitbot.model.cloud import Operation
from gitbot.model.names import Address
from gitbot.model.observed import Absent, Observation, Present, ReadRequest
from gitbot.providers.aws.native import Handler
from gitbot.providers.aws.types.iam_reading import GONE
from gitbot.providers.aws.waiting import eventually

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

TAKEN = "EntityAlreadyExists"
BUSY = frozenset({"ConcurrentModification", "DeleteConflict"})


def ignoring_gone(call: Callable[[], Any]) -> None:
    """Make a call; that its object is gone already is no error."""
    try:
        call()
    except CloudError as error:
        if error.code != GONE:
            raise


def create_once(
    handler: Handler,
    aws: Connection,
    operation: Operation,
    name: str,
    kind: str,
    create: Callable[[], Any],
) -> None:
    """Make the object.

    Raises:
        ConflictError: another object, which this operation did not make, has the name.
    """
    try:
        create()
    except CloudError as error:
        if error.code != TAKEN:
            raise
        present = handler.find(aws, operation)
        if present is None or present.operation != operation.token:
            raise ConflictError(
                f"{operation.address}: the account has an IAM {kind} named {name} already. Choose "
                f"another name, or take it over with `lifecycle: {{import: {name}}}`."
            ) from error


def trusting(aws: Connection, call: Callable[[], Any], operation: Operation) -> Any:
    """The result of a call that names principals, made again until IAM knows them."""
    # A principal that was made a moment ago is "invalid" until IAM has spread the news.
    return eventually(
        call,
        codes={"MalformedPolicyDocument"},
        containing="rincipal",
        within_s=30.0,
        deadline=operation.deadline,
        clock=aws.clock,
    )


def when_seen(aws: Connection, call: Callable[[], Any], operation: Operation) -> None:
    """Make a call, again until IAM sees the object that it is about."""
    eventually(
        call,
        codes={GONE, "ConcurrentModification"},
        deadline=operation.deadline,
        within_s=30.0,
        clock=aws.clock,
    )


def observations(
    requests: Sequence[ReadRequest], properties: Mapping[str, Mapping[str, Any]]
) -> Mapping[Address, Observation]:
    """An observation for each request; an object without an entry in ``properties`` is absent."""
    return {
        request.address: (
            Present(remote_id=request.remote_id, properties=properties[request.remote_id])
            if request.remote_id in properties
            else Absent()
        )
        for request in requests
    }
