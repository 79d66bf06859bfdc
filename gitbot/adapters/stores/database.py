"""Open the application's database: pragmas, transactions, migrations, portable upserts. Shell."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import DatabaseError

from gitbot.adapters.private_files import private_file
from gitbot.adapters.stores.faults import UNREADABLE, damaged, fault_of, shown
from gitbot.adapters.stores.migrating import revision_of, upgrade
from gitbot.adapters.stores.migrations import HEAD
from gitbot.adapters.stores.sealed import seal_row
from gitbot.adapters.stores.write_turns import write_turn
from gitbot.errors import BrokenStoreError, TransientError, UserError

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

BUSY_TIMEOUT_S = 15.0
CONNECT_TIMEOUT_S = 10
# Sized for one walk's threads beside the server's; connections are made when needed.
_POOL: Mapping[str, Any] = {"pool_size": 8, "max_overflow": 24}
_WRITE = "gitbot_write"
# The advisory lock that one process holds while it migrates; the others wait for it.
_MIGRATION_LOCK = 7_301_447_120_331


def open_database(where: str | Path) -> Engine:
    """An engine on the database at a path or SQLAlchemy URL, migrated to ``HEAD``.

    Makes a SQLite file and its folder where they are missing. Safe to call from many processes at
    once. With PostgreSQL nothing outlasts a transaction, so a pooler of transactions may stand before it.

    Raises:
        UserError: the database was written by a newer gitbot, or cannot be opened.
    """
    engine = _engine(where)
    with _opening(engine):
        migrate(engine)
    return engine


def is_made(where: str | Path) -> bool:
    """Whether the database has gitbot's tables, of any version. Makes and changes nothing.

    Raises:
        UserError: it cannot be reached.
    """
    engine = _engine(where)
    try:
        with _opening(engine), reading(engine) as connection:
            return revision_of(connection) is not None
    finally:
        engine.dispose()


@contextmanager
def _opening(engine: Engine) -> Iterator[None]:
    """Turn what fails inside into an error that names the database, and close it then."""
    try:
        with _translated(engine):
            yield
    except (UserError, BrokenStoreError):
        engine.dispose()
        raise
    except (DatabaseError, TransientError) as error:
        engine.dispose()
        cause = error.orig if isinstance(error, DatabaseError) else error
        raise UserError(
            f"The database {shown(engine)} cannot be opened: {str(cause).rstrip('.')}. Check that it exists,"
            " that it is a database of gitbot and that this user may write to it."
        ) from error


def _engine(where: str | Path) -> Engine:
    url = _url(where)
    if url.get_backend_name() == "sqlite":
        engine = sa.create_engine(url, hide_parameters=True, **_POOL)
        sa.event.listen(engine, "connect", _configure_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        return engine
    arguments: dict[str, Any] = {
        "connect_timeout": CONNECT_TIMEOUT_S,
        "application_name": "gitbot",
        # Behind a pooler, a statement that was prepared on one connection does not exist on the next one:
        # https://www.psycopg.org/psycopg3/docs/advanced/prepare.html#using-prepared-statements-with-pgbouncer
        "prepare_threshold": None,
    }
    return sa.create_engine(
        url, hide_parameters=True, connect_args=arguments, pool_pre_ping=True, **_POOL
    )


def _url(where: str | Path) -> URL:
    if isinstance(where, str) and "://" in where:
        return sa.make_url(where)
    path = Path(where).absolute()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise UserError(f"The folder {path.parent} cannot be made: {error.strerror}.") from error
    # What cannot be made now is told when it is opened.
    with suppress(OSError):
        private_file(path)
    return URL.create("sqlite", database=str(path))


def _configure_sqlite(connection: Any, _record: object) -> None:
    # Left to itself, the driver begins transactions late and never as IMMEDIATE. Turn that off:
    # ``_begin_sqlite`` begins them.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {int(BUSY_TIMEOUT_S * 1000)}")
    _use_wal(cursor)
    # FULL: an intent must be on disk before the cloud is called.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _use_wal(cursor: Any) -> None:
    """Switch to WAL. SQLite does not wait for a lock here, so retry while the file is locked."""
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except cursor.connection.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get(_WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that may write; committed at the end, rolled back on any exception.

    Raises:
        AbsentStoreError: the database is locked, full or away. Nothing was written.
        BrokenStoreError: it is damaged.
    """
    options = engine.execution_options(**{_WRITE: True})
    with _translated(engine), write_turn(engine, BUSY_TIMEOUT_S), options.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One transaction whose reads all see the same instant.

    Raises:
        AbsentStoreError: the database is locked or away.
        BrokenStoreError: it is damaged, or what it has cannot be read.
    """
    options = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with _translated(engine), engine.execution_options(**options).begin() as connection:
        yield connection


@contextmanager
def _translated(engine: Engine) -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        raise fault_of(engine, error) from error
    except UNREADABLE as error:
        raise damaged(engine, error) from error


# --- migrations ----------------------------------------------------------------------------------


def migrate(engine: Engine) -> None:
    """Upgrade the tables to ``HEAD`` in one transaction, and keep a copy of before; does nothing when they
    are up to date.

    Raises:
        UserError: the database was written by a newer gitbot.
    """
    with reading(engine) as connection:
        if revision_of(connection) == HEAD:
            return
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
        # Check again under the lock: another process may have migrated first.
        if revision_of(connection) != HEAD:
            upgrade(connection)


# --- upserts -------------------------------------------------------------------------------------

Row = Mapping[str, Any]


def _insert(connection: Connection, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    # Import PostgreSQL's dialect only when needed: it takes long, and the command line never uses
    # it.
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)


def _written(connection: Connection, table: sa.Table, row: Row) -> Row:
    # Rows of state come sealed for the lineage of their stack.
    return row if table.info.get("lineage") else seal_row(connection, table, row)


def upsert(connection: Connection, table: sa.Table, row: Row, key: Sequence[str]) -> None:
    """Insert the row, or update the row that has the same ``key`` columns. Seals what is to be sealed."""
    row = _written(connection, table, row)
    statement = _insert(connection, table).values(**row)
    rest = {name: statement.excluded[name] for name in row if name not in key}
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=rest))


def insert_new(connection: Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert those of the rows whose key is not taken, sealed."""
    written = [_written(connection, table, row) for row in rows]
    connection.execute(_insert(connection, table).on_conflict_do_nothing(), written)


def insert_once(connection: Connection, table: sa.Table, row: Row) -> bool:
    """Insert the row, sealed; returns False and changes nothing when its key is taken."""
    row = _written(connection, table, row)
    statement = _insert(connection, table).values(**row).on_conflict_do_nothing()
    # Not ``rowcount``: psycopg gives -1 where the table has a counter.
    return connection.scalar(statement.returning(sa.literal_column("1"))) is not None
