"""Read every row of a store to see whether it is as gitbot writes it. Shell.

What is sealed is not opened: the key tells by itself whether it is as it was written.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.pool import NullPool

from gitbot.adapters.sealing.sealer import SEALED
from gitbot.adapters.stores.database import reading
from gitbot.adapters.stores.faults import UNREADABLE, DamagedValueError, damaged, words_of
from gitbot.adapters.stores.migrating import revision_of
from gitbot.adapters.stores.migrations import HEAD
from gitbot.adapters.stores.tables import metadata
from gitbot.adapters.stores.tables.columns import Document
from gitbot.adapters.stores.tables.said import said_comments
from gitbot.adapters.stores.tables.state import deposed, intents, resources, stacks
from gitbot.errors import BrokenStoreError
from gitbot.model.codec import from_data
from gitbot.model.expiry import Lifetime
from gitbot.model.lookups import KeptLookup
from gitbot.model.recorded import Deposed, Done, Intent, Moved, RecordedOutput, RecordedResource

_TYPES: Final[Mapping[sa.Column[Any], Any]] = {
    resources.c.body: RecordedResource,
    deposed.c.body: Deposed,
    intents.c.body: Intent,
    stacks.c.outputs: dict[str, RecordedOutput],
    stacks.c.lookups: dict[str, KeptLookup],
    stacks.c.uses: dict[str, str],
    stacks.c.lifetime: Lifetime,
    stacks.c.module_tags: dict[str, str],
    stacks.c.done: Done,
    stacks.c.moved: Moved,
}
"""What the texts of state say."""
_WORDS: Final = frozenset({said_comments.c.body})
"""Documents that are words, and no JSON."""


def check_copy(copy: Path, store: Path) -> None:
    """Return when the copy of the store's database is whole and every row of it can be read. Writes nothing.

    Tables of an older gitbot are not looked into: the next command brings them up to date first.

    Raises:
        BrokenStoreError: it is not, or one cannot; it names the store and the table.
    """
    with reading(_reading(copy, store)) as connection:
        answer = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
        if answer != "ok":
            raise DamagedValueError(str(answer))
        if revision_of(connection) != HEAD:
            return
        _check_parents(connection)
        for table in metadata.sorted_tables:
            with in_table(table):
                for row in connection.execute(sa.select(table)):
                    for column in table.columns:
                        check_text(column, row._mapping[column.name])


def damaged_file(store: Path, cause: Exception) -> BrokenStoreError:
    """The error that the store's database cannot be read, with the ways on."""
    return damaged(_reading(store, store), cause)


def _reading(copy: Path, store: Path) -> Engine:
    """An engine that reads the copy, and that errors name as the store."""
    return sa.create_engine(
        URL.create("sqlite", database=str(store)),
        creator=lambda: sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro", uri=True),
        poolclass=NullPool,
    )


def check_text(column: sa.Column[Any], text: object) -> None:
    """Return when the value of the column is as gitbot writes it, or sealed.

    Raises:
        JSONDecodeError, ExceptionGroup, DamagedValueError: it is not.
    """
    if text is None or (isinstance(text, str) and text.startswith(SEALED)):
        return
    read = _reader(column)
    if read is None:
        return
    if not isinstance(text, str):
        raise DamagedValueError(f"no text as its {column.name}")
    read(text)


def _reader(column: sa.Column[Any]) -> Callable[[str], object] | None:
    """What reads the texts of the column; None where any text will do."""
    if column in _TYPES:
        return lambda text: _typed(text, _TYPES[column])
    return json.loads if isinstance(column.type, Document) and column not in _WORDS else None


def _typed(text: str, type_: Any) -> object:
    data = json.loads(text)
    if not isinstance(data, dict):
        raise DamagedValueError("JSON that is no map")
    return from_data(data, type_)


@contextmanager
def in_table(table: sa.Table) -> Iterator[None]:
    """Say of what cannot be read in which table it is. Raises DamagedValueError."""
    try:
        yield
    except UNREADABLE as error:
        raise DamagedValueError(
            f"the table {table.name} has a row that is not as gitbot wrote it ({words_of(error)})"
        ) from error


def _check_parents(connection: Connection) -> None:
    """Raises DamagedValueError where a row is of a stack that is not there."""
    found = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if found is not None:
        raise DamagedValueError(f"the table {found[0]} has a row of none of the {found[2]}")
