"""Opens the place where state is kept, with its records. Shell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from gitbot.model.places import Place, SqlitePlace
from gitbot.ports.processes import Processes
from gitbot.ports.records import Records
from gitbot.ports.state import StateStore
from gitbot.ports.time import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """The state at a place, and the records beside it."""

    state: StateStore
    records: Records


def store_exists(place: Place) -> bool:
    """Whether gitbot has made its tables there.

    Raises:
        UserError: the database cannot be reached.
    """
    if isinstance(place, SqlitePlace):
        return place.path.exists()
    from gitbot.adapters.stores.database import is_made

    return is_made(place.where)


@contextmanager
def open_stores(place: Place, clock: Clock, processes: Processes) -> Iterator[Stores]:
    """The stores at the place, which is made if it does not exist, and closed at the end of the block.

    Raises:
        UserError: it cannot be opened, or was written by a newer gitbot.
    """
    from gitbot.adapters.stores.database import open_database
    from gitbot.adapters.stores.records import sql_records
    from gitbot.adapters.stores.state import SqlStateStore

    database = open_database(
        place.where, pooled=not isinstance(place, SqlitePlace) and place.pooled
    )
    try:
        yield Stores(state=SqlStateStore(database, clock, processes), records=sql_records(database))
    finally:
        database.dispose()
