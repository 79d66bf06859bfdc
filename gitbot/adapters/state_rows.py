"""A stack's state as rows, and the rows that a write changes. Shell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gitbot.adapters import tables
from gitbot.adapters.database import upsert
from gitbot.model.codec import from_data, to_data
from gitbot.model.names import Address, Sha, StackId
from gitbot.model.recorded import (
    Deposed,
    Intent,
    RecordedOutput,
    RecordedResource,
    RecordedStack,
)
from gitbot.model.values import canonical_json

T = TypeVar("T")


def as_stored(value: T) -> T:
    """The value as it will be read back: lists for tuples, times as they were written.

    Raises:
        TypeError: it holds a sensitive value, which is never stored.
    """
    return from_data(to_data(value), type(value))


def select_stack(stack: StackId) -> sa.Select[Any]:
    """The query for the stack's own row."""
    columns = tables.stacks.c
    return sa.select(tables.stacks).where(
        columns.repository == stack.repository,
        columns.environment == stack.environment,
        columns.name == stack.name,
        columns.region == stack.region,
    )


def load_stack(connection: Connection, stack: StackId, row: Any) -> RecordedStack:
    """The state that the stack's ``row`` heads, resources in order of their addresses."""
    outputs: dict[str, Any] = json.loads(row.outputs)
    resources = _load(connection, tables.resources, row.id, tables.resources.c.address)
    return RecordedStack(
        id=stack,
        lineage=row.lineage,
        serial=row.serial,
        resources={
            Address(found.address): _decode(found.body, RecordedResource) for found in resources
        },
        deposed=tuple(
            _decode(found.body, Deposed)
            for found in _load(connection, tables.deposed, row.id, tables.deposed.c.since)
        ),
        intents=tuple(
            _decode(found.body, Intent)
            for found in _load(connection, tables.intents, row.id, tables.intents.c.since)
        ),
        outputs={name: from_data(data, RecordedOutput) for name, data in outputs.items()},
        desired_hash=row.desired_hash,
        commit=None if row.commit_id is None else Sha(row.commit_id),
        complete=row.complete,
    )


def _load(
    connection: Connection, table: sa.Table, number: int, order: sa.ColumnElement[Any]
) -> Any:
    query = sa.select(table).where(table.c.stack == number).order_by(order)
    return connection.execute(query)


def save_stack(
    connection: Connection, number: int | None, before: RecordedStack, after: RecordedStack
) -> None:
    """Write what differs. ``number`` is the stack's row, None when it has none yet.

    Raises:
        TypeError: a sensitive value.
    """
    if number is None:
        query = sa.insert(tables.stacks).returning(tables.stacks.c.id)
        number = connection.execute(query, _stack_row(after)).scalar_one()
    else:
        connection.execute(
            sa.update(tables.stacks).where(tables.stacks.c.id == number), _stack_row(after)
        )
    _save_resources(connection, number, before.resources, after.resources)
    _save_operations(
        connection,
        tables.deposed,
        number,
        {old.operation: old for old in before.deposed},
        {old.operation: old for old in after.deposed},
        after.serial,
    )
    _save_operations(
        connection,
        tables.intents,
        number,
        {intent.operation: intent for intent in before.intents},
        {intent.operation: intent for intent in after.intents},
        after.serial,
    )


def _stack_row(state: RecordedStack) -> dict[str, Any]:
    return {
        "repository": state.id.repository,
        "environment": state.id.environment,
        "name": state.id.name,
        "region": state.id.region,
        "lineage": state.lineage,
        "serial": state.serial,
        "outputs": canonical_json({name: to_data(out) for name, out in state.outputs.items()}),
        "desired_hash": state.desired_hash,
        "commit_id": state.commit,
        "complete": state.complete,
    }


def _save_resources(
    connection: Connection,
    number: int,
    before: Mapping[Address, RecordedResource],
    after: Mapping[Address, RecordedResource],
) -> None:
    table = tables.resources
    _delete(connection, table, number, table.c.address, set(before) - set(after))
    for address, resource in after.items():
        if before.get(address) is not resource:
            row = {
                "stack": number,
                "address": address,
                "type": resource.type,
                "remote_id": resource.remote_id,
                "body": _encode(resource),
            }
            upsert(connection, table, row, ("stack", "address"))


def _save_operations(
    connection: Connection,
    table: sa.Table,
    number: int,
    before: Mapping[str, Deposed] | Mapping[str, Intent],
    after: Mapping[str, Deposed] | Mapping[str, Intent],
    serial: int,
) -> None:
    _delete(connection, table, number, table.c.operation, set(before) - set(after))
    for operation, item in after.items():
        if operation in before:
            if before[operation] is not item:
                connection.execute(
                    sa.update(table)
                    .where(table.c.stack == number, table.c.operation == operation)
                    .values(body=_encode(item))
                )
        else:
            row = {"stack": number, "operation": operation, "since": serial, "body": _encode(item)}
            connection.execute(sa.insert(table), row)


def _delete(
    connection: Connection,
    table: sa.Table,
    number: int,
    column: sa.ColumnElement[str],
    gone: set[Any],
) -> None:
    if gone:
        connection.execute(sa.delete(table).where(table.c.stack == number, column.in_(gone)))


def _encode(value: object) -> str:
    return canonical_json(to_data(value))


def _decode(body: str, type_: type[T]) -> T:
    return from_data(json.loads(body), type_)
