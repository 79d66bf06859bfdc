"""Make requests and follow them until AWS has carried them out. Shell.

https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/resource-operations-manage-requests.html
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING

from gitbot.errors import CloudError
from gitbot.model.cloud import Operation
from gitbot.providers.aws.cloud_control.events import (
    FORGOTTEN,
    SERVICE,
    Event,
    event_of,
    failure,
    passes,
)
from gitbot.providers.aws.passing import Stage
from gitbot.providers.aws.refusals import passing
from gitbot.providers.aws.waiting import Patience, patiently

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection


def status(aws: Connection, receipt: str) -> Event | None:
    """How far the request is; None when AWS has forgotten it."""
    try:
        return event_of(aws.call(SERVICE, "get_resource_request_status", RequestToken=receipt))
    except CloudError as error:
        if error.code == FORGOTTEN:
            return None
        raise


def ended(event: Event) -> bool:
    """Whether nothing more happens to the request."""
    return event.ended


def named(event: Event) -> bool:
    """Whether the identifier of the object is known, or never will be."""
    return event.ended or bool(event.identifier)


def follow(
    aws: Connection, operation: Operation, event: Event, until: Callable[[Event], bool] = ended
) -> Event:
    """Ask again and again until ``until`` holds; returns the event of which it does.

    Raises:
        CloudError: the operation's deadline passed first (code ``Timeout``), or AWS forgot it.
    """
    patience = Patience(operation, aws.clock)
    while not until(event):
        if patience.is_over():
            raise CloudError(
                f"gave up waiting for AWS to finish {event.call} of {operation.type}; it may still "
                "happen. Apply again to go on; `lifecycle.timeouts` says how long gitbot waits.",
                code="Timeout",
            )
        patience.pause(f"waiting for AWS to finish {event.call}", event.again_at)
        told = status(aws, event.receipt)
        if told is None:
            raise CloudError(f"AWS has forgotten {event.call} of {operation.type}", code=FORGOTTEN)
        event = told
    return event


def drive(
    aws: Connection,
    operation: Operation,
    stage: Stage,
    submit: Callable[[int], Event],
    until: Callable[[Event], bool] = ended,
    stands: Callable[[Event], bool] = lambda event: not event.failed,
) -> Event:
    """Make the request, follow it, and make it again while it fails with what passes by itself.

    ``submit`` is told the number of the attempt, from 1. Returns the event when ``until`` holds and
    it ``stands``: a failed one only if ``stands`` says so.

    Raises:
        GitbotError: it failed for good; see ``events.failure``.
    """
    attempts = count(1)
    last: list[Event] = []

    def once() -> Event:
        event = follow(aws, operation, submit(next(attempts)), until)
        if stands(event):
            return event
        last[:] = [event]
        if passing(SERVICE, passes(event), stage) is None:
            raise failure(event, operation, aws.hidden(event.message))
        raise CloudError(aws.hidden(event.message), code=event.code, call=event.call)

    try:
        return patiently(once, service=SERVICE, stage=stage, operation=operation, clock=aws.clock)
    except CloudError as error:
        if last and error.code == last[0].code:
            raise failure(last[0], operation, aws.hidden(last[0].message)) from error
        raise
