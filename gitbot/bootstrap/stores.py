"""Opens the place where state is kept, with its records. Shell."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from gitbot.adapters.sealing.key_rows import open_sealer
from gitbot.adapters.sealing.kms import Kms
from gitbot.model.places import BucketPlace, Place, SqlitePlace
from gitbot.ports.processes import Processes
from gitbot.ports.records import Records
from gitbot.ports.sealing import Sealing
from gitbot.ports.state import StateStore
from gitbot.ports.time import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """The state at a place, the records beside it, and how both are encrypted."""

    state: StateStore
    records: Records
    sealing: Sealing


def store_exists(place: Place) -> bool:
    """Whether gitbot has made its tables there.

    Raises:
        UserError: the database cannot be reached.
    """
    if isinstance(place, SqlitePlace):
        return place.path.exists() and _may_have_tables(place.path)
    if isinstance(place, BucketPlace):
        from gitbot.adapters.object_store.opening import open_bucket

        objects, layout = open_bucket(place)
        return next(objects.names(layout.prefix), None) is not None
    from gitbot.adapters.stores.database import is_made

    return is_made(place.where)


def _may_have_tables(path: Path) -> bool:
    """Whether the file has gitbot's tables, or cannot be read. One that was cut to nothing has none."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            query = "SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'"
            return bool(database.execute(query).fetchone()[0])
    except (sqlite3.Error, UnicodeDecodeError):
        # A message of SQLite can have bytes of a damaged file that are no text. Whoever opens it tells what is wrong.
        return True


@contextmanager
def open_stores(place: Place, clock: Clock, processes: Processes) -> Iterator[Stores]:
    """The stores at the place, which is made if it does not exist, and closed at the end of the block.

    Raises:
        UserError: it cannot be opened, or was written by a newer gitbot.
    """
    if isinstance(place, BucketPlace):
        with _in_bucket(place, clock, processes) as stores:
            yield stores
        return
    from gitbot.adapters.stores.database import open_database
    from gitbot.adapters.stores.key_rows import SqlKeyRows
    from gitbot.adapters.stores.records import sql_records
    from gitbot.adapters.stores.rotation import SqlSealing
    from gitbot.adapters.stores.sealed import sealed_engine
    from gitbot.adapters.stores.state import SqlStateStore

    database = open_database(place.where)
    try:
        rows = SqlKeyRows(database)
        sealed = sealed_engine(database, open_sealer(place.keys, rows, Kms()))
        yield Stores(
            state=SqlStateStore(sealed, clock, processes),
            records=sql_records(sealed),
            sealing=SqlSealing(sealed, rows),
        )
    finally:
        database.dispose()


@contextmanager
def open_state(place: Place, clock: Clock, processes: Processes) -> Iterator[StateStore]:
    """Only the state at the place: beside a bucket, no file for records is made."""
    if not isinstance(place, BucketPlace):
        with open_stores(place, clock, processes) as stores:
            yield stores.state
        return
    from gitbot.adapters.object_store.key_rows import BucketKeyRows
    from gitbot.adapters.object_store.opening import open_bucket
    from gitbot.adapters.object_store.state import S3StateStore

    objects, layout = open_bucket(place)
    sealer = open_sealer(place.keys, BucketKeyRows(objects, layout), Kms())
    yield S3StateStore(objects, layout, clock, processes, sealer)


@contextmanager
def _in_bucket(place: BucketPlace, clock: Clock, processes: Processes) -> Iterator[Stores]:
    """State in a bucket; the records of this command are in a file that goes at its end.

    They are what a server keeps, and there is none.
    """
    from gitbot.adapters.object_store.key_rows import BucketKeyRows
    from gitbot.adapters.object_store.opening import check_bucket, open_bucket
    from gitbot.adapters.object_store.rotation import BucketSealing
    from gitbot.adapters.object_store.state import S3StateStore
    from gitbot.adapters.stores.database import open_database
    from gitbot.adapters.stores.records import sql_records
    from gitbot.adapters.stores.sealed import sealed_engine

    check_bucket(place)
    objects, layout = open_bucket(place)
    rows = BucketKeyRows(objects, layout)
    sealer = open_sealer(place.keys, rows, Kms())
    with TemporaryDirectory() as folder:
        database = open_database(Path(folder) / "records.db")
        try:
            state = S3StateStore(objects, layout, clock, processes, sealer)
            yield Stores(
                state=state,
                records=sql_records(sealed_engine(database, sealer)),
                sealing=BucketSealing(state, rows, sealer, processes),
            )
        finally:
            database.dispose()
