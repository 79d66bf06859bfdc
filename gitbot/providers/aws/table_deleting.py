"""Delete an object with the calls of its table. Shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.model.cloud import FAILED, Operation
from gitbot.providers.aws.advice import apply_first
from gitbot.providers.aws.asking import ask
from gitbot.providers.aws.refusals import in_use, means
from gitbot.providers.aws.surfaces import read_surfaces, write_surfaces
from gitbot.providers.aws.table import Described, Table
from gitbot.providers.aws.table_following import change_in, follow
from gitbot.providers.aws.table_reading import look_at
from gitbot.providers.aws.table_writing import addresses
from gitbot.providers.aws.waiting import wait_until

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

PROTECTED = "Protected"
"""Our code for a deletion of an object that a property protects."""


def delete_object(table: Table, aws: Connection, operation: Operation, remote_id: str) -> None:
    """Delete the object and wait until it is no longer listed. An absent object counts as deleted.

    Raises:
        CloudError: AWS refuses, and the message names what uses the object, or that it is not empty or
            protected; or the deletion failed.
    """

    noun, one = table.noun, operation.described or look_at(table, aws, remote_id)
    if one is None or table.delete.needless(one):
        return
    if setting := table.delete.protected(one):
        raise CloudError(
            f"{noun} {remote_id} is protected against deletion and was left as it is. "
            f"Set `{setting}` and {apply_first(operation.address)}.",
            code=PROTECTED,
        )
    try:
        change = _delete(table, aws, operation, remote_id, one)
        follow(table, aws, operation, remote_id, change)
    except CloudError as error:
        if means(error, table.dialect.busy):
            raise in_use(f"{noun} {remote_id}", _users(table, aws, one), error) from error
        if not means(error, table.dialect.absent):
            raise
    gone = partial(_is_gone, table, aws, remote_id, one)
    wait_until(f"{noun} {remote_id} to be gone", gone, operation, clock=aws.clock)


def _is_gone(table: Table, aws: Connection, remote_id: str, before: Described) -> bool:
    """Whether the object is gone. Raises CloudError if its deletion failed, with the reason."""
    one, stuck = look_at(table, aws, remote_id), table.delete.stuck
    why = "" if one is None or stuck(before) else stuck(one)
    if why:
        raise CloudError(f"{table.noun} {remote_id} was not deleted: {why}", code=FAILED)
    return one is None


def _delete(
    table: Table, aws: Connection, operation: Operation, remote_id: str, one: Described
) -> str:
    """Make the calls of the deletion; when one is refused, what was cleared is put back. Returns the change to
    wait for, as ``change_in`` does."""
    delete, given = table.delete, operation.properties
    keeps = delete.keeps if operation.snapshot_on_delete else None
    users = _users(table, aws, one) if delete.clears or keeps or delete.first else ()
    if delete.others is not None:
        users = (*users, *delete.others(aws, one, given))
    if users:
        raise in_use(f"{table.noun} {remote_id}", users)
    clears = [name for name in delete.clears if name in given or delete.others is None]
    had = {**table.shows(one), **read_surfaces(aws, remote_id, table.surfaces, clears)}
    try:
        if keeps is not None:
            keeps(aws, operation, one)
        write_surfaces(aws, remote_id, table.surfaces, {}, clears)
        if delete.first is not None and not delete.barred:
            delete.first(aws, one)
        named = addresses(table, one) if delete.parameters is None else delete.parameters(one)
        more = delete.emptying if operation.empty_on_delete else {}
        final = delete.final(aws, operation, one) if delete.final is not None else {}
        sent: dict[str, Any] = {
            name: given[name] for name in delete.sends if given.get(name) is not None
        }
        answer = _ask(table, aws, one, {**named, **more, **final, **sent})
    except CloudError as error:
        if not means(error, table.dialect.absent):
            write_surfaces(aws, remote_id, table.surfaces, had, clears)
        if delete.full and error.code == delete.full:
            raise _not_empty(f"{table.noun} {remote_id}", operation, error) from error
        raise
    return change_in(table, answer)


def _ask(table: Table, aws: Connection, one: Described, parameters: Mapping[str, Any]) -> Any:
    """The answer to the deletion. Where AWS first wants something done that nobody can put back, it is done then."""
    delete, call = table.delete, table.variant(table.delete.call, parameters)
    try:
        return ask(aws, table.dialect, call, **parameters)
    except CloudError as error:
        if delete.first is None or not (delete.barred and means(error, table.dialect.busy)):
            raise
    delete.first(aws, one)
    return ask(aws, table.dialect, call, **parameters)


def _not_empty(what: str, operation: Operation, error: CloudError) -> CloudError:
    return CloudError(
        f"{what} is not empty and was left as it is. Empty it, or set "
        f"`lifecycle: {{emptyOnDelete: true}}` on the resource and {apply_first(operation.address)}.",
        code=error.code,
        call=error.call,
    )


def _users(table: Table, aws: Connection, one: Described) -> Sequence[str]:
    users = table.delete.users
    return () if users is None else users(aws, one)
