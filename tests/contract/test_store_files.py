"""A file that has no tables of gitbot is no store, and is not made one unasked."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from psycopg.errors import InsufficientPrivilege, UndefinedTable
from sqlalchemy.engine import Engine
from sqlalchemy.exc import ProgrammingError

from gitbot.adapters.clock import SystemClock
from gitbot.adapters.processes import LocalProcesses
from gitbot.adapters.stores.database import open_database, writing
from gitbot.adapters.stores.faults import fault_of
from gitbot.adapters.stores.state import SqlStateStore
from gitbot.cli.stores import require_store
from gitbot.errors import BrokenStoreError, TransientError, UserError
from gitbot.model.places import SqlitePlace
from tests.contract.empty_database import open_empty
from tests.contract.state_world import STACK, resource


def test_a_store_that_was_cut_to_nothing_is_no_new_one(tmp_path: Path) -> None:
    """The kind: an apply that begins with an empty state, because a full disk emptied the file."""
    path = tmp_path / "state.db"
    open_database(path).dispose()
    require_store(SqlitePlace(path))
    path.write_bytes(b"")
    with pytest.raises(UserError, match="there is no state at"):
        require_store(SqlitePlace(path))
    require_store(SqlitePlace(path), new_store=True)


def test_a_database_of_another_program_is_no_store_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "theirs.db"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE theirs (n INTEGER)")
    before = (path.read_bytes(), path.stat().st_mode)
    with pytest.raises(UserError, match="there is no state at"):
        require_store(SqlitePlace(path))
    assert (path.read_bytes(), path.stat().st_mode) == before


def test_a_file_that_cannot_be_read_is_not_taken_for_a_store_that_is_not_there(
    tmp_path: Path,
) -> None:
    path = tmp_path / "damaged.db"
    path.write_bytes(b"not a database at all" * 99)
    require_store(SqlitePlace(path))
    with pytest.raises(BrokenStoreError, match="is damaged: file is not a database"):
        open_database(path)


def made(path: Path) -> Path:
    """A store with a stack that has a resource."""
    engine = open_empty(path)
    store = SqlStateStore(engine, SystemClock(), LocalProcesses())
    lease = store.acquire(STACK.environment_key, "test", timedelta(minutes=5))
    store.put(lease, STACK, "line", resource())
    engine.dispose()
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = DELETE")
    return path


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE resources SET body = '{bad'",
        "UPDATE resources SET body = '{}'",
        "UPDATE resources SET body = x'78ffff'",
        "UPDATE stacks SET outputs = '[1'",
        "UPDATE stacks SET born_at = 'x'",
        "DROP TABLE resources",
        "ALTER TABLE stacks DROP COLUMN serial",
    ],
)
def test_what_cannot_be_read_is_told_with_its_place_and_the_ways_on(
    tmp_path: Path, damage: str
) -> None:
    """The kind: a damaged row ends in a traceback, or in the advice to try again."""
    path = made(tmp_path / "state.db")
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(damage)
    engine = open_database(path)
    store = SqlStateStore(engine, SystemClock(), LocalProcesses())
    with pytest.raises(BrokenStoreError, match="is damaged") as told:
        store.read(STACK)
    assert f"`gitbot restore FILE --store {path}`" in str(told.value)
    assert "`gitbot recover ENVIRONMENT --new-store`" in str(told.value)
    engine.dispose()


def test_a_message_of_sqlite_with_bytes_of_the_file_is_no_traceback(tmp_path: Path) -> None:
    path = made(tmp_path / "state.db")
    content = path.read_bytes().replace(b"CREATE TABLE resources", b"CREATE T\xffBLE resources")
    path.write_bytes(content)
    require_store(SqlitePlace(path))
    with pytest.raises(BrokenStoreError, match="is damaged: it has bytes that are no text"):
        open_database(path)


def fill(engine: Engine) -> None:
    with writing(engine) as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        connection.exec_driver_sql("CREATE TABLE more AS SELECT zeroblob(1000000)")


def test_a_full_disk_is_told_with_its_place(tmp_path: Path) -> None:
    engine = open_database(made(tmp_path / "state.db"))
    with pytest.raises(TransientError, match=r"no space left.*state\.db.*Free some"):
        fill(engine)
    engine.dispose()


def test_a_right_that_is_missing_is_no_damage(tmp_path: Path) -> None:
    """The ways on from a damaged database begin it anew: nobody should read them for want of a GRANT."""
    engine = open_database(made(tmp_path / "state.db"))
    for cause, is_damage in ((InsufficientPrivilege(), False), (UndefinedTable(), True)):
        error = ProgrammingError("SELECT 1", {}, cause)
        assert isinstance(fault_of(engine, error), BrokenStoreError) is is_damage
    engine.dispose()
