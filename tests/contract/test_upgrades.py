"""Databases of every earlier revision are brought up to date with their rows, and a copy is kept.

The kind: an upgrade that loses what an earlier version wrote, or that breaks a process of the earlier
version which still runs beside it.
"""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command as alembic
from sqlalchemy.engine import Connection, Engine

from gitbot.adapters.stores.database import open_database
from gitbot.adapters.stores.migrating import COPY, alembic_config, known_revisions
from gitbot.adapters.stores.migrations import HEAD
from tests.contract import postgres_server
from tests.model_checks import WHOLE

LINE = known_revisions()[::-1]
"""Every revision, oldest first. 0002 makes typed columns of the documents of 0001: it has a test of its own,
and no older process can write beside it."""
BROKEN = {"0003"}
"""The revisions whose processes cannot write beside the next one. No two servers could share a database then."""
DROPPED = {"pushes", "planned_pull_requests"}
"""What later revisions drop: rows that 0004 moves elsewhere (test_migration_0004), and plans that 0008 makes again
(test_migration_0008)."""
Row = Mapping[str, Any]


def at(engine: Engine, revision: str) -> None:
    with engine.begin() as connection:
        upgrade(connection, revision)


def upgrade(connection: Connection, revision: str) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    alembic.upgrade(config, revision)


def tables_now(engine: Engine) -> sa.MetaData:
    """The tables as code of this revision knows them."""
    found = sa.MetaData()
    found.reflect(engine)
    found.remove(found.tables["alembic_version"])
    return found


def row(table: sa.Table, number: int) -> dict[str, Any]:
    """A row that nothing else has, as a version of gitbot writes it: every column that must have a value."""
    return {
        column.name: value(column, number)
        for column in table.columns
        if not (column.nullable or column.server_default is not None or is_counter(column))
    }


def is_counter(column: sa.Column[Any]) -> bool:
    return column.primary_key and column.name == "id" and isinstance(column.type, sa.Integer)


def value(column: sa.Column[Any], number: int) -> Any:
    match column.type:
        case sa.Boolean():
            return False
        case sa.Integer() | sa.Numeric():
            return number
        case sa.DateTime():
            return datetime(2026, 1, 1, tzinfo=UTC)
        case sa.LargeBinary():
            return b"x"
        case sa.JSON():
            return {}
        case _:
            return f"{number}"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A plain engine: foreign keys are not asked, so that each table can have a row of its own."""
    made = sa.create_engine(f"sqlite:///{tmp_path / 'gitbot.db'}")
    yield made
    made.dispose()


def insert(engine: Engine, tables: sa.MetaData, number: int) -> dict[tuple[str, int], Row]:
    """Write one row into each table; returns what was written."""
    written = {}
    with engine.begin() as connection:
        for name, table in tables.tables.items():
            written[name, number] = row(table, number)
            connection.execute(sa.insert(table).values(**written[name, number]))
    return written


@pytest.mark.model
def test_rows_of_every_revision_are_kept_and_an_older_process_writes_on(engine: Engine) -> None:
    """``make test`` takes the newest revisions, ``make model`` all since typed columns."""
    line = LINE[1:] if WHOLE else LINE[-3:]
    at(engine, line[0])
    written: dict[tuple[str, int], Row] = {}
    for number, (before, after) in enumerate(pairwise(line)):
        older = tables_now(engine)
        written |= insert(engine, older, 2 * number + 1)
        at(engine, after)
        if before not in BROKEN:
            # The process of the version before does not know that the tables have moved.
            written |= insert(engine, older, 2 * number + 2)
    now = tables_now(engine)
    lost = {name for (name, _), one in written.items() if not is_there(engine, now, name, one)}
    assert lost == (DROPPED if WHOLE else set())


def is_there(engine: Engine, tables: sa.MetaData, name: str, one: Row) -> bool:
    if name not in tables.tables:
        return False
    table = tables.tables[name]
    same = [table.c[column] == given for column, given in one.items()]
    with engine.connect() as connection:
        return bool(connection.scalar(sa.select(sa.exists().select_from(table).where(*same))))


def copies(database: Path) -> list[Path]:
    return sorted(database.parent.glob(f"{database.name}.revision-*"))


def test_a_file_of_an_earlier_revision_is_copied_before_it_is_changed(
    engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    at(engine, LINE[-2])
    insert(engine, tables_now(engine), 1)
    engine.dispose()
    database = tmp_path / "gitbot.db"

    open_database(database).dispose()

    (copy,) = copies(database)
    assert f"from revision {LINE[-2]} to {HEAD}; a copy of before is {copy}" in caplog.text
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(sqlite3.connect(copy)) as before:
        assert before.execute("SELECT version_num FROM alembic_version").fetchone() == (LINE[-2],)
        assert before.execute("SELECT count(*) FROM stacks").fetchone() == (1,)
        assert before.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    # Neither the next start nor a new database makes one.
    open_database(database).dispose()
    open_database(tmp_path / "new.db").dispose()
    assert [*copies(database), *copies(tmp_path / "new.db")] == [copy]
    # The copy opens too: with it the way back is a copy of a file.
    open_database(copy).dispose()


def test_tables_of_postgresql_are_copied_into_a_schema_before_they_are_changed(
    postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with postgres_server.new_database(postgres_url) as url:
        made = sa.create_engine(url)
        at(made, LINE[-2])
        with made.begin() as connection:
            connection.exec_driver_sql(f'CREATE SCHEMA "{COPY}0001"')
            connection.exec_driver_sql(
                "INSERT INTO stacks (repository, environment, name, region, lineage, serial, complete,"
                " outputs) VALUES ('7', 'dev', 'web', 'x', 'l', 1, true, '{}')"
            )
        open_database(url.render_as_string(hide_password=False)).dispose()
        schemas = [one for one in sa.inspect(made).get_schema_names() if one.startswith(COPY)]
        assert schemas == [f"{COPY}{LINE[-2]}"]
        with made.connect() as connection:
            found = connection.exec_driver_sql(f'SELECT name FROM "{schemas[0]}".stacks')
            assert found.scalars().all() == ["web"]
        assert f"a copy of before is in the schema {schemas[0]}" in caplog.text
        made.dispose()
