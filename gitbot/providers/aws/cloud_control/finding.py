"""Find the object of an operation: by its request, by its name, by its tags. Shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitbot.errors import CloudError
from gitbot.model.cloud import Operation
from gitbot.model.observed import Found
from gitbot.model.tags import OPERATION_TAG
from gitbot.providers.aws.cloud_control import objects
from gitbot.providers.aws.cloud_control.events import ALREADY_EXISTS, Event
from gitbot.providers.aws.cloud_control.kinds import Kind
from gitbot.providers.aws.cloud_control.requests import follow, named, status
from gitbot.providers.aws.tagging import found

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection


def find(aws: Connection, kind: Kind, operation: Operation) -> Found | None:
    """The object that the operation made, or that has its name.

    A kept receipt tells for sure. Else the name is looked up, if the properties give one, or all
    objects are listed and read for the operation's tag.

    Raises:
        CloudError: the request has not named its object before the deadline.
    """
    if operation.receipt is not None:
        event = status(aws, operation.receipt)
        if event is not None:
            return _of_request(aws, kind, operation, follow(aws, operation, event, named))
    key = kind.key_of(operation.properties)
    if key is not None:
        return _by_key(aws, kind, operation, key)
    return _by_tag(aws, kind, operation)


def _of_request(aws: Connection, kind: Kind, operation: Operation, event: Event) -> Found | None:
    if not event.identifier or (event.failed and not is_left(aws, kind, operation, event)):
        return None
    return found(event.identifier, {**operation.ownership, OPERATION_TAG: operation.token})


def is_left(aws: Connection, kind: Kind, operation: Operation, event: Event) -> bool:
    """Whether a creation that failed has left an object of its own.

    Under a name that the spec gives, somebody else's object may be: there the tags must say that
    it is ours, if the creation sets tags.
    """
    if not event.identifier or event.code == ALREADY_EXISTS:
        return False
    one = objects.read(aws, kind, event.identifier)
    if one is None:
        return False
    if (
        kind.is_named(operation.properties)
        and kind.tagging is not None
        and kind.tagging.at_creation
    ):
        return objects.as_found(kind, one).operation == operation.token
    return True


def _by_key(aws: Connection, kind: Kind, operation: Operation, key: str) -> Found | None:
    """The object with this key: an identifier, or a map of an additional one."""
    try:
        one = objects.read(aws, kind, key)
    except CloudError as error:
        if not key.startswith("{") or error.code not in _KEY_REFUSED:
            raise
        # Some handlers read by the primary identifier alone.
        names = kind.schema.natural_key or ()
        wanted = {name: operation.properties[name] for name in names}
        one = next(
            (
                each
                for each in objects.all_of(aws, kind, operation.properties)
                if all(each.properties.get(name) == wanted[name] for name in names)
            ),
            None,
        )
    return None if one is None else objects.as_found(kind, one)


_KEY_REFUSED = frozenset({"InvalidRequest", "InvalidRequestException", "ValidationException"})


def _by_tag(aws: Connection, kind: Kind, operation: Operation) -> Found | None:
    if kind.tagging is None or not kind.tagging.at_creation or not operation.asked:
        return None
    listed = (
        objects.as_found(kind, one) for one in objects.all_of(aws, kind, operation.properties)
    )
    return next((one for one in listed if one.operation == operation.token), None)
