"""Seal the columns of a row for the place where it stands, and open them. Shell.

The sealer belongs to the engine (``sealed_engine``), so every store on it writes and reads alike. A column
whose ``info`` says so is sealed; the place is its table, its name, and the row's key.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gitbot.adapters.sealing.sealer import PLAIN, Place, Sealer
from gitbot.adapters.stores.faults import DamagedValueError

_OPTION = "gitbot_sealer"


def sealed_engine(engine: Engine, sealer: Sealer) -> Engine:
    """The same database, whose values are sealed and opened by this one."""
    return engine.execution_options(**{_OPTION: sealer})


def sealer_of(connection: Connection | Engine) -> Sealer:
    """The sealer of the engine; without one values stay as they are."""
    found: Sealer = connection.get_execution_options().get(_OPTION, PLAIN)
    return found


def sealed_columns(table: sa.Table) -> tuple[sa.Column[Any], ...]:
    """The columns of the table that are sealed."""
    return tuple(column for column in table.columns if column.info.get("sealed"))


def place_columns(table: sa.Table) -> tuple[sa.Column[Any], ...]:
    """The columns that name a row of the table in its places: ``info["place"]``, else the primary key."""
    names = table.info.get("place", [column.name for column in table.primary_key.columns])
    return tuple(table.c[name] for name in names)


def place_in(column: sa.Column[Any], names: Mapping[str, Any]) -> Place:
    """The place of the column in the row with these names. Of state, they have its ``lineage``."""
    table = column.table
    lineage = [names["lineage"]] if table.info.get("lineage") else []
    row = [_text(names[each.name]) for each in place_columns(table)]
    return [table.name, column.name, *lineage, *row]


def _text(value: Any) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def seal_row(connection: Connection, table: sa.Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """The row as it is written: only what is a column of the table, and sealed where it should be.

    ``row`` must have what its place is made of.
    """
    sealer = sealer_of(connection)
    written = {name: value for name, value in row.items() if name in table.c}
    if sealer.key_id:
        for column in sealed_columns(table):
            if row.get(column.name) is not None:
                written[column.name] = sealer.seal(row[column.name], place_in(column, row))
    return written


def opened(connection: Connection | Engine, column: sa.Column[Any], row: Any) -> str:
    """The text of the column in a row that has the columns of its place too.

    Raises:
        UserError: see ``Sealer.open``.
        DamagedValueError: there is no text.
    """
    text = row._mapping[column.name]
    if not isinstance(text, str):
        raise DamagedValueError(f"a row of {column.table.name} has no text as its {column.name}")
    return sealer_of(connection).open(text, place_in(column, row._mapping))


def opened_if_any(connection: Connection | Engine, column: sa.Column[Any], row: Any) -> str | None:
    """The same; None where the row has no value."""
    return None if row._mapping[column.name] is None else opened(connection, column, row)


def mark_place(type_: str) -> Place:
    """The place of the identifier of an object of this type: whoever holds it, it is found by it."""
    return ["resources", "remote_id", type_]


def with_place(column: sa.Column[Any]) -> tuple[sa.Column[Any], ...]:
    """What to select so that the column can be opened."""
    return (column, *place_columns(column.table))
