"""Wait for changes that a service has accepted and carries out later. Shell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.model.cloud import NEVER_READY, Operation
from gitbot.providers.aws.table import Table
from gitbot.providers.aws.waiting import wait_until

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection


def change_in(table: Table, answer: Any) -> str:
    """The name of the change that the answer tells of; empty: there is none to wait for."""
    return "" if table.dialect.changes is None else table.dialect.changes.named(answer)


def follow(
    table: Table, aws: Connection, operation: Operation, remote_id: str, change: str
) -> None:
    """Wait until the service has carried the change out; an empty name is none.

    Raises:
        CloudError: the operation's deadline passed first (code ``ChangePending``): the service has accepted the change.
            Or the service could not carry it out.
    """
    changes = table.dialect.changes
    if changes is None or not change:
        return
    what = f"the change of {table.noun} {remote_id} to be carried out everywhere"
    try:
        wait_until(what, lambda: changes.done(aws, remote_id, change), operation, clock=aws.clock)
    except CloudError as error:
        code = "ChangePending" if error.code == NEVER_READY else error.code
        raise CloudError(str(error), code=code, call=error.call) from error
