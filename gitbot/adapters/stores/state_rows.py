"""Convert a stack's state to rows, and write the rows that changed. Shell."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gitbot.adapters.stores.database import upsert
from gitbot.adapters.stores.sealed import (
    mark_place,
    opened,
    seal_row,
    sealer_of,
    with_place,
)
from gitbot.adapters.stores.tables import state as tables
from gitbot.model.codec import as_stored, from_data, to_data
from gitbot.model.expiry import Lifetime
from gitbot.model.lookups import KeptLookup
from gitbot.model.names import Address, Sha, StackId
from gitbot.model.recorded import (
    Deposed,
    Done,
    Intent,
    Moved,
    RecordedOutput,
    RecordedResource,
    RecordedStack,
)
from gitbot.model.values import canonical_json

T = TypeVar("T")


def select_stack(stack: StackId) -> sa.Select[Any]:
    """The query for the stack's own row."""
    columns = tables.stacks.c
    return sa.select(tables.stacks).where(
        columns.repository == stack.repository,
        columns.environment == stack.environment,
        columns.name == stack.name,
        columns.region == stack.region,
    )


def load_stack(connection: Connection, row: Any) -> RecordedStack:
    """The state of the stack whose row of ``stacks`` this is."""
    return load_stacks(connection, [row], tables.stacks.c.id == row.id)[0]


def load_stacks(
    connection: Connection, rows: Sequence[Any], condition: sa.ColumnElement[bool]
) -> tuple[RecordedStack, ...]:
    """The states of stacks, in the order of their ``rows``, in three queries.

    ``condition`` is the condition on ``stacks`` that selected the rows.
    """
    parts = [
        bodies(connection, table, order, condition)
        for table, order in (
            (tables.resources, ()),
            (tables.deposed, (tables.deposed.c.since,)),
            (tables.intents, (tables.intents.c.since,)),
        )
    ]
    return tuple(_stack(connection, row, *(part.get(row.id, []) for part in parts)) for row in rows)


def bodies(
    connection: Connection,
    table: sa.Table,
    order: Sequence[sa.ColumnElement[Any]],
    condition: sa.ColumnElement[bool],
) -> Mapping[int, list[str]]:
    """The bodies of the table's rows by stack, each stack's in this order."""
    query = (
        sa.select(table.c.stack, tables.stacks.c.lineage, *with_place(table.c.body))
        .join(tables.stacks, tables.stacks.c.id == table.c.stack)
        .where(condition)
        .order_by(*order)
    )
    found: dict[int, list[str]] = {}
    for row in connection.execute(query):
        found.setdefault(row.stack, []).append(opened(connection, table.c.body, row))
    return found


def _stack(
    connection: Connection,
    row: Any,
    resources: Sequence[str],
    deposed: Sequence[str],
    intents: Sequence[str],
) -> RecordedStack:
    decoded = [_decode(body, RecordedResource) for body in resources]
    # Sort here: a database sorts by its own locale.
    decoded.sort(key=lambda resource: resource.address)
    return RecordedStack(
        id=stack_id(row),
        lineage=row.lineage,
        serial=row.serial,
        resources={resource.address: resource for resource in decoded},
        deposed=tuple(_decode(body, Deposed) for body in deposed),
        intents=tuple(_decode(body, Intent) for body in intents),
        outputs=outputs_of(connection, row),
        lookups={
            Address(address): from_data(data, KeptLookup)
            for address, data in _opened_json(connection, tables.stacks.c.lookups, row).items()
        },
        desired_hash=row.desired_hash,
        commit=None if row.commit_id is None else Sha(row.commit_id),
        complete=row.complete,
        edited=row.edited,
        lifetime=lifetime_of(row),
        born_at=row.born_at,
        module_tags=module_tags_of(row),
        uses=uses_of(connection, row),
        done=done_of(row),
        moved=None if row.moved is None else _decode(row.moved, Moved),
    )


def outputs_of(connection: Connection, row: Any) -> Mapping[str, RecordedOutput]:
    """The outputs in a row of ``stacks``."""
    outputs = _opened_json(connection, tables.stacks.c.outputs, row)
    return {name: from_data(data, RecordedOutput) for name, data in outputs.items()}


def uses_of(connection: Connection, row: Any) -> dict[str, str]:
    """The marks of outputs of other stacks in a row of ``stacks``."""
    return _opened_json(connection, tables.stacks.c.uses, row)


def _opened_json(connection: Connection, column: sa.Column[Any], row: Any) -> dict[str, Any]:
    return dict(json.loads(opened(connection, column, row)))


def lifetime_of(row: Any) -> Lifetime | None:
    """The lifetime in a row of ``stacks``."""
    return None if row.lifetime is None else _decode(row.lifetime, Lifetime)


def module_tags_of(row: Any) -> dict[str, str]:
    """The commits of tags in a row of ``stacks``."""
    return {} if row.module_tags is None else dict(json.loads(row.module_tags))


def done_of(row: Any) -> Done | None:
    """What was done under the newest lease, in a row of ``stacks``."""
    return None if row.done is None else _decode(row.done, Done)


def stack_id(row: Any) -> StackId:
    """The stack whose row of ``stacks`` this is."""
    return StackId(
        repository=row.repository, environment=row.environment, name=row.name, region=row.region
    )


def save_stack(
    connection: Connection, number: int | None, before: RecordedStack, after: RecordedStack
) -> None:
    """Write what differs. ``number`` is the stack's row, None when it has none yet.

    Raises:
        TypeError: a sensitive value.
    """
    head = _sealed(connection, tables.stacks, after, _stack_row(after))
    if number is None:
        query = sa.insert(tables.stacks).returning(tables.stacks.c.id)
        number = connection.execute(query, head).scalar_one()
    else:
        connection.execute(sa.update(tables.stacks).where(tables.stacks.c.id == number), head)
    if after.lineage != before.lineage:
        # Every value is sealed for its lineage, so write all.
        before = as_stored(before)
    _save_resources(connection, number, before.resources, after)
    _save_operations(connection, tables.deposed, number, before.deposed, after.deposed, after)
    _save_operations(connection, tables.intents, number, before.intents, after.intents, after)


def _stack_row(state: RecordedStack) -> dict[str, Any]:
    return {
        "repository": state.id.repository,
        "environment": state.id.environment,
        "name": state.id.name,
        "region": state.id.region,
        "lineage": state.lineage,
        "serial": state.serial,
        "outputs": canonical_json({name: to_data(out) for name, out in state.outputs.items()}),
        "lookups": canonical_json({at: to_data(one) for at, one in state.lookups.items()}),
        "desired_hash": state.desired_hash,
        "commit_id": state.commit,
        "complete": state.complete,
        "edited": state.edited,
        "lifetime": None if state.lifetime is None else _encode(state.lifetime),
        "born_at": state.born_at,
        "module_tags": canonical_json(dict(state.module_tags)) if state.module_tags else None,
        "uses": canonical_json(state.uses),
        "done": None if state.done is None else _encode(state.done),
        "moved": None if state.moved is None else _encode(state.moved),
    }


def _save_resources(
    connection: Connection,
    number: int,
    before: Mapping[Address, RecordedResource],
    state: RecordedStack,
) -> None:
    table, after = tables.resources, state.resources
    _delete(connection, table, number, table.c.address, set(before) - set(after))
    for address, resource in after.items():
        if before.get(address) is not resource:
            mark = sealer_of(connection).mark(resource.remote_id, mark_place(resource.type))
            row = {
                "stack": number,
                "address": address,
                "type": resource.type,
                "remote_id": mark,
                "body": _encode(resource),
                **_place(resource),
            }
            row = _sealed(connection, table, state, row)
            upsert(connection, table, row, ("stack", "address"))


def _save_operations(
    connection: Connection,
    table: sa.Table,
    number: int,
    items_before: Sequence[Deposed | Intent],
    items: Sequence[Deposed | Intent],
    state: RecordedStack,
) -> None:
    before = {item.operation: item for item in items_before}
    gone = before.keys() - {item.operation for item in items}
    _delete(connection, table, number, table.c.operation, gone)
    # Several new ones keep their order.
    since = state.serial - sum(item.operation not in before for item in items)
    for item in items:
        if before.get(item.operation) is item:
            continue
        row = {"operation": item.operation, "body": _encode(item), **_place(item.resource)}
        row = _sealed(connection, table, state, row)
        if item.operation in before:
            where = (table.c.stack == number, table.c.operation == item.operation)
            connection.execute(sa.update(table).where(*where).values(**row))
        else:
            since += 1
            connection.execute(sa.insert(table), {"stack": number, "since": since, **row})


def _delete(
    connection: Connection,
    table: sa.Table,
    number: int,
    column: sa.ColumnElement[str],
    gone: set[Any],
) -> None:
    if gone:
        connection.execute(sa.delete(table).where(table.c.stack == number, column.in_(gone)))


def _place(resource: RecordedResource) -> dict[str, str]:
    return {"account": resource.account, "region": resource.region}


def _sealed(
    connection: Connection, table: sa.Table, state: RecordedStack, row: Mapping[str, Any]
) -> dict[str, Any]:
    """The row of this state as it is written."""
    return seal_row(connection, table, {**row, "lineage": state.lineage})


def _encode(value: object) -> str:
    return canonical_json(to_data(value))


def _decode(body: str, type_: type[T]) -> T:
    return from_data(json.loads(body), type_)
