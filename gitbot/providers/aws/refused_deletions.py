"""Take back what was done before a deletion that AWS refuses for good. Shell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from gitbot.model.cloud import Operation, Power
from gitbot.providers.aws.native import Handler
from gitbot.providers.aws.table import Described, Table
from gitbot.providers.aws.table_reading import look_at
from gitbot.providers.aws.table_waiting import existing, switch, wait_until_ready
from gitbot.providers.aws.table_writing import write_properties

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection


@runtime_checkable
class OfTable(Protocol):
    """A handler that makes its calls from a table."""

    @property
    def table(self) -> Table: ...


def seen_before(
    handler: Handler, aws: Connection, operation: Operation, remote_id: str
) -> Described | None:
    """What the object is before its deletion; None where that does nothing first that could be taken back."""
    if not isinstance(handler, OfTable):
        return None
    delete = handler.table.delete
    if delete.first is None or delete.barred:
        return None
    return operation.described or look_at(handler.table, aws, remote_id)


def take_back(
    handler: Handler, aws: Connection, operation: Operation, remote_id: str, before: Described
) -> None:
    """Give an object that is not deleted the properties and the power that it had before.

    Raises CloudError where it cannot have them: the next plan shows what is missing.
    """
    assert isinstance(handler, OfTable)
    table, running = handler.table, handler.table.running
    if running is not None and running.power(before) in (Power.RUNNING, Power.STARTING):
        switch(table, aws, operation, remote_id, Power.RUNNING)
    had = table.shows(before)
    has = table.shows(wait_until_ready(table, aws, operation, remote_id))
    lost = frozenset(name for name in table.settable if has.get(name) != had.get(name))
    if not lost:
        return

    def describe(ready: bool) -> Described:
        return (wait_until_ready if ready else _now)(table, aws, operation, remote_id)

    kept = {name: one for name, one in had.items() if one is not None}
    again = replace(operation, properties=kept, changed=lost)
    write_properties(table, aws, again, remote_id, lost, describe)
    wait_until_ready(table, aws, operation, remote_id)


def _now(table: Table, aws: Connection, _: Operation, remote_id: str) -> Described:
    return existing(table, aws, remote_id)
