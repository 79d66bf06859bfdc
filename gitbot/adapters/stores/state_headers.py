"""Read headers of many stacks in four queries, without decoding a resource. Shell."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gitbot.adapters.stores.keys import of_environment
from gitbot.adapters.stores.state_rows import (
    bodies,
    done_of,
    lifetime_of,
    module_tags_of,
    stack_id,
    uses_of,
)
from gitbot.adapters.stores.tables import state as tables
from gitbot.model.codec import from_data
from gitbot.model.names import EnvironmentKey, Sha
from gitbot.model.recorded import Intent, RecordedStack, StackHeader


def load_headers(
    connection: Connection, condition: sa.ColumnElement[bool]
) -> tuple[StackHeader, ...]:
    """The headers of the stacks that meet the condition on ``stacks``, by environment, name,
    region."""
    rows = connection.execute(sa.select(tables.stacks).where(condition)).all()
    resources: Counter[int] = Counter()
    left: Counter[int] = Counter()
    places: dict[int, set[tuple[str, str]]] = {}
    for table in (tables.resources, tables.deposed, tables.intents):
        for found in connection.execute(_places(table, condition)):
            left[found.stack] += found.objects
            places.setdefault(found.stack, set()).add((found.account, found.region))
            if table is tables.resources:
                resources[found.stack] += found.objects
    headers = (
        _header(connection, row, resources[row.id], left[row.id], frozenset(places.get(row.id, ())))
        for row in rows
    )
    return tuple(sorted(headers, key=lambda header: header.id))


def load_busy(connection: Connection, environment: EnvironmentKey) -> tuple[RecordedStack, ...]:
    """The environment's states with only what was done and what is under way, in two queries."""
    table = tables.stacks
    condition = sa.and_(*of_environment(table, environment))
    begun = bodies(connection, tables.intents, (tables.intents.c.since,), condition)
    return tuple(
        RecordedStack(
            id=stack_id(row),
            lineage=row.lineage,
            done=done_of(row),
            intents=tuple(from_data(json.loads(body), Intent) for body in begun.get(row.id, ())),
        )
        for row in connection.execute(sa.select(table).where(condition))
    )


def _places(table: sa.Table, condition: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """How many of the table's objects each stack has in each account and region."""
    key = (table.c.stack, table.c.account, table.c.region)
    return (
        sa.select(*key, sa.func.count().label("objects"))
        .join(tables.stacks, tables.stacks.c.id == table.c.stack)
        .where(condition)
        .group_by(*key)
    )


def _header(
    connection: Connection,
    row: Any,
    resources: int,
    left: int,
    places: frozenset[tuple[str, str]],
) -> StackHeader:
    return StackHeader(
        id=stack_id(row),
        lineage=row.lineage,
        serial=row.serial,
        resources=resources,
        left=left,
        places=places,
        desired_hash=row.desired_hash,
        commit=None if row.commit_id is None else Sha(row.commit_id),
        complete=row.complete,
        lifetime=lifetime_of(row),
        born_at=row.born_at,
        module_tags=module_tags_of(row),
        uses=uses_of(connection, row),
    )
