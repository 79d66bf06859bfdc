"""Write the sealed values of a database anew with the newest key, in batches. Shell."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gitbot.adapters.sealing.key_rows import KeyRows
from gitbot.adapters.sealing.sealer import MARKED, SEALED, Sealer
from gitbot.adapters.stores.checking import check_text, in_table
from gitbot.adapters.stores.compaction import compact
from gitbot.adapters.stores.database import reading, writing
from gitbot.adapters.stores.faults import DamagedValueError
from gitbot.adapters.stores.sealed import (
    mark_place,
    opened_if_any,
    place_columns,
    seal_row,
    sealed_columns,
    sealer_of,
)
from gitbot.adapters.stores.tables import metadata
from gitbot.adapters.stores.tables import state as state_tables

_BATCH = 100
_PASSES = 3


class SqlSealing:
    """The ``Sealing`` port on an engine from ``sealed_engine``."""

    def __init__(self, engine: Engine, rows: KeyRows) -> None:
        self._engine = engine
        self._rows = rows

    @property
    def key_id(self) -> str:
        """The id of the key that values are written with; empty where they are in plain text."""
        return sealer_of(self._engine).key_id

    def left(self) -> Mapping[str, int]:
        """How many rows have values that are not as they would be written now, by table."""
        with reading(self._engine) as connection:
            found = {
                table.name: connection.scalar(
                    sa.select(sa.func.count()).select_from(table).where(self._behind(table))
                )
                for table in _tables()
            }
        return {name: int(count) for name, count in found.items() if count}

    def rotate(self, told: Callable[[int, int], None]) -> tuple[str, ...]:
        """Write them anew; see ``Sealing``.

        A batch is one transaction. A row that somebody else is writing is left to the next pass: who waits for
        no one cannot get in anybody's way.
        """
        for _ in range(_PASSES):
            total, done = sum(self.left().values()), 0
            for table in _tables():
                for keys in _batches(self._engine, table, self._behind(table)):
                    with writing(self._engine) as connection:
                        for key in keys:
                            done += _rewritten(connection, table, key, self._behind(table))
                    told(done, max(done, total))
            if not self.left():
                return self._finished()
        return (
            "Others are writing with another key: give all of them the new one first, and run it again.",
        )

    def _finished(self) -> tuple[str, ...]:
        """Wipe what was in plain text, and forget the keys that no value needs."""
        rows = {row.id: row for row in self._rows.all()}
        own = rows.pop(self.key_id, None)
        if own is not None and not own.whole:
            if notes := compact(self._engine, [table.name for table in _tables()]):
                return notes
            self._rows.put(replace(own, whole=True))
        for row in rows.values():
            self._rows.drop(row.id)
        return ()

    def _behind(self, table: sa.Table) -> sa.ColumnElement[bool]:
        """The condition for rows with a value that is not as it would be written now."""
        sealer = sealer_of(self._engine)
        columns = [_is_behind(column, sealer.prefix, SEALED) for column in sealed_columns(table)]
        if table is state_tables.resources:
            mark = f"{MARKED}{sealer.key_id}:" if sealer.key_id else ""
            columns.append(_is_behind(table.c.remote_id, mark, MARKED))
        return sa.or_(*columns)


def _tables() -> Sequence[sa.Table]:
    return [table for table in metadata.sorted_tables if sealed_columns(table)]


def _is_behind(column: sa.Column[Any], begins: str, sealed: str) -> sa.ColumnElement[bool]:
    """Whether the value does not begin so; without a key: whether it is sealed."""
    wanted = begins or sealed
    binary = isinstance(column.type, sa.Text) is False
    type_: Any = sa.LargeBinary() if binary else sa.Text()
    given: Any = wanted.encode() if binary else wanted
    found = sa.func.substr(column, 1, len(wanted), type_=type_)
    same = found == sa.literal(given, type_)
    return sa.and_(column.is_not(None), sa.not_(same) if begins else same)


def _batches(
    engine: Engine, table: sa.Table, behind: sa.ColumnElement[bool]
) -> Iterator[Sequence[Any]]:
    """The primary keys of the rows, in batches."""
    with reading(engine) as connection:
        keys = connection.execute(sa.select(*table.primary_key.columns).where(behind)).all()
    for start in range(0, len(keys), _BATCH):
        yield keys[start : start + _BATCH]


def _rewritten(
    connection: Connection, table: sa.Table, key: Any, behind: sa.ColumnElement[bool]
) -> int:
    """Write the row anew, if it still needs it and nobody is writing it; returns how many were."""
    where = [column == key[at] for at, column in enumerate(table.primary_key.columns)]
    columns = {column.name: column for column in (*place_columns(table), *sealed_columns(table))}
    query = sa.select(*columns.values()).where(*where, behind)
    if table.info.get("lineage") and table is not state_tables.stacks:
        stacks = state_tables.stacks
        of_stack = stacks.c.id == table.c.stack
        query = query.add_columns(stacks.c.lineage).outerjoin(stacks, of_stack)
    elif table is state_tables.stacks:
        query = query.add_columns(table.c.lineage)
    if table is state_tables.resources:
        query = query.add_columns(table.c.type)
    row = connection.execute(query.with_for_update(of=table, skip_locked=True)).one_or_none()
    if row is None:
        return 0
    with in_table(table):
        news = _sealed_anew(connection, table, row)
    connection.execute(sa.update(table).where(*where).values(**news))
    return 1


def _sealed_anew(connection: Connection, table: sa.Table, row: Any) -> Mapping[str, Any]:
    """The sealed columns of the row as they are written now.

    Raises:
        UserError: see ``Sealer.open``.
        JSONDecodeError, ExceptionGroup, DamagedValueError: one is not as gitbot writes it. Sealed, nobody would see that.
    """
    if table.info.get("lineage") and row.lineage is None:
        raise DamagedValueError("it is of no stack")
    plain = {column: opened_if_any(connection, column, row) for column in sealed_columns(table)}
    for column, text in plain.items():
        check_text(column, text)
    texts = {column.name: text for column, text in plain.items()}
    sealed = seal_row(connection, table, {**row._mapping, **texts})
    if table is state_tables.resources:
        sealed["remote_id"] = _mark(sealer_of(connection), row.type, str(texts["body"]))
    return {name: sealed[name] for name in (*texts, "remote_id") if name in sealed}


def _mark(sealer: Sealer, type_: str, body: str) -> str:
    return sealer.mark(json.loads(body)["remote_id"], mark_place(type_))
