"""Keep in an SQL table which keys the values of the database are sealed with. Shell."""

from __future__ import annotations

import base64
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gitbot.adapters.sealing.key_rows import KeyRow
from gitbot.adapters.stores.database import reading, upsert, writing
from gitbot.adapters.stores.sealed import sealed_columns
from gitbot.adapters.stores.tables import metadata
from gitbot.adapters.stores.tables.keys import state_keys


class SqlKeyRows:
    """The ``KeyRows`` of a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self) -> tuple[KeyRow, ...]:
        """The rows, by id."""
        with reading(self._engine) as connection:
            found = connection.execute(sa.select(state_keys)).all()
        return tuple(sorted(map(_row, found), key=lambda row: row.id))

    def put(self, row: KeyRow) -> None:
        """Record the row; it replaces the one with its id."""
        values = {
            "id": row.id,
            "kms": row.kms,
            "wrapped": base64.b64encode(row.wrapped).decode(),
            "whole": row.whole,
        }
        with writing(self._engine) as connection:
            upsert(connection, state_keys, values, ("id",))

    def drop(self, id_: str) -> None:
        """Forget the key: no value needs it."""
        with writing(self._engine) as connection:
            connection.execute(sa.delete(state_keys).where(state_keys.c.id == id_))

    def unused(self) -> bool:
        """Whether no table with values has a row."""
        with reading(self._engine) as connection:
            return not any(
                connection.scalar(sa.select(sa.exists(sa.select(sa.literal(1)).select_from(table))))
                for table in metadata.tables.values()
                if sealed_columns(table)
            )


def _row(row: Any) -> KeyRow:
    return KeyRow(id=row.id, kms=row.kms, wrapped=base64.b64decode(row.wrapped), whole=row.whole)
