"""What the IAM types share: names that are taken, and effects that take their time. Shell."""

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
    """Make a call whose object may be gone already."""
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
    """Make the object; one under the name that is not the operation's own is a conflict."""
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


def trusting(call: Callable[[], Any], operation: Operation) -> Any:
    """The result of a call that names principals, tried again while they are news to IAM."""
    # A principal that was made a moment ago is "invalid" until IAM has spread the news.
    return eventually(
        call,
        codes={"MalformedPolicyDocument"},
        containing="rincipal",
        within_s=30.0,
        deadline=operation.deadline,
    )


def when_seen(call: Callable[[], Any], operation: Operation) -> None:
    """Make a call about an object that was made a moment ago."""
    eventually(
        call, codes={GONE, "ConcurrentModification"}, deadline=operation.deadline, within_s=30.0
    )


def observations(
    requests: Sequence[ReadRequest], properties: Mapping[str, Mapping[str, Any]]
) -> Mapping[Address, Observation]:
    """The requests' observations; what has no properties is absent."""
    return {
        request.address: (
            Present(remote_id=request.remote_id, properties=properties[request.remote_id])
            if request.remote_id in properties
            else Absent()
        )
        for request in requests
    }
