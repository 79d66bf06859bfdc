"""A file that has no tables of gitbot is no store, and is not made one unasked."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gitbot.adapters.stores.database import open_database
from gitbot.cli.stores import require_store
from gitbot.errors import UserError
from gitbot.model.places import SqlitePlace


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
    with pytest.raises(UserError, match="cannot be opened"):
        open_database(path)
