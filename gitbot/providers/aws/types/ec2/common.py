"""Tag EC2 objects, and ignore expected errors. Shell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.model.cloud import Operation
from gitbot.providers.aws.tagging import creation_tags, tag_changes, tag_list

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection


def tag_specifications(operation: Operation, *kinds: str) -> Sequence[Mapping[str, Any]]:
    """The declared and ownership tags, as the creating call takes them for each kind of object."""
    tags = tag_list(creation_tags(operation))
    return [{"ResourceType": kind, "Tags": tags} for kind in kinds] if tags else []


def update_tags(aws: Connection, operation: Operation, remote_id: str) -> None:
    """Put the declared tags, and remove those that are no longer declared. Idempotent."""
    changes = tag_changes(operation)
    put_tags(aws, remote_id, changes.put)
    remove_tags(aws, remote_id, changes.remove)


def put_tags(aws: Connection, remote_id: str, tags: Mapping[str, str]) -> None:
    """Put tags on an object; its other tags stay. Idempotent."""
    if tags:
        aws.call("ec2", "create_tags", Resources=[remote_id], Tags=tag_list(tags))


def remove_tags(aws: Connection, remote_id: str, keys: Iterable[str]) -> None:
    """Remove the tags with these keys from an object. Idempotent."""
    if tags := [{"Key": key} for key in keys]:
        aws.call("ec2", "delete_tags", Resources=[remote_id], Tags=tags)


def ignoring(codes: Iterable[str], error: CloudError) -> None:
    """Raise the error, unless its code is one of ``codes``."""
    if error.code not in codes:
        raise error
