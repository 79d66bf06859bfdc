"""What the EC2 types share: reading in pages by filter, tags, and looking for an operation. Shell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.model.cloud import Operation
from gitbot.model.tags import OPERATION_TAG
from gitbot.providers.aws.tagging import creation_tags, tag_changes, tag_list

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

FILTER_VALUES = 200
"""How many values one filter may have."""


def chunks(items: Iterable[str], size: int = FILTER_VALUES) -> Iterator[list[str]]:
    """The distinct items, sorted, in lists of at most ``size``."""
    some = sorted(set(items))
    for start in range(0, len(some), size):
        yield some[start : start + size]


def described(
    aws: Connection, operation: str, key: str, filter_: str, values: Iterable[str]
) -> Iterator[Mapping[str, Any]]:
    """The objects whose ``filter_`` has one of the values, in pages.

    A filter, unlike a list of ids, does not fail as a whole when one of the objects is gone.
    """
    for chunk in chunks(values):
        yield from aws.pages("ec2", operation, key, Filters=[{"Name": filter_, "Values": chunk}])


def by_operation(
    aws: Connection, operation: Operation, call: str, key: str
) -> Iterator[Mapping[str, Any]]:
    """The objects that carry the operation's tag."""
    return described(aws, call, key, f"tag:{OPERATION_TAG}", [operation.token])


def tag_specifications(operation: Operation, *kinds: str) -> Sequence[Mapping[str, Any]]:
    """Declared and ownership tags for the creating call, for each kind of object it makes."""
    tags = tag_list(creation_tags(operation))
    return [{"ResourceType": kind, "Tags": tags} for kind in kinds] if tags else []


def update_tags(aws: Connection, operation: Operation, remote_id: str) -> None:
    """Put the declared tags and take away those that were managed; idempotent."""
    changes = tag_changes(operation)
    if changes.put:
        put_tags(aws, remote_id, changes.put)
    if changes.remove:
        aws.call(
            "ec2",
            "delete_tags",
            Resources=[remote_id],
            Tags=[{"Key": key} for key in changes.remove],
        )


def put_tags(aws: Connection, remote_id: str, tags: Mapping[str, str]) -> None:
    """Put tags on an object; others stay. Idempotent."""
    if tags:
        aws.call("ec2", "create_tags", Resources=[remote_id], Tags=tag_list(tags))


def ignoring(codes: Iterable[str], error: CloudError) -> None:
    """Raise the error again, unless its code is one of ``codes``."""
    if error.code not in codes:
        raise error
