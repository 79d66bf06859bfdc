"""Read headers of many stacks in four queries, without decoding a resource. Shell."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gitbot.adapters.stores.state_rows import lifetime_of, module_tags_of, stack_id
from gitbot.adapters.stores.tables import state as tables
from gitbot.model.names import Sha
from gitbot.model.recorded import StackHeader


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
        _header(row, resources[row.id], left[row.id], frozenset(places.get(row.id, ())))
        for row in rows
    )
    return tuple(sorted(headers, key=lambda header: header.id))


def _places(table: sa.Table, condition: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """How many of the table's objects each stack has in each account and region."""
    key = (table.c.stack, table.c.account, table.c.region)
    return (
        sa.select(*key, sa.func.count().label("objects"))
        .join(tables.stacks, tables.stacks.c.id == table.c.stack)
        .where(condition)
        .group_by(*key)
    )


def _header(row: Any, resources: int, left: int, places: frozenset[tuple[str, str]]) -> StackHeader:
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
        uses=json.loads(row.uses),
    )
