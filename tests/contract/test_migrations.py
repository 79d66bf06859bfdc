"""Opening a database gives it the tables of the code, from any state and in any race."""

from __future__ import annotations

import ast
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import gitbot.adapters.stores.migrations
from gitbot.adapters.stores.database import insert_once, open_database, reading, upsert, writing
from gitbot.adapters.stores.migrations import HEAD
from gitbot.adapters.stores.tables import journal, metadata
from gitbot.errors import BrokenStoreError, TransientError, UserError


def revisions() -> ScriptDirectory:
    config = Config()
    folder = Path(gitbot.adapters.stores.migrations.__file__).parent
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def test_an_empty_database_gets_exactly_the_tables_of_the_code(tmp_path):
    engine = open_database(tmp_path / "new" / "folder" / "gitbot.db")

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert context.get_current_revision() == HEAD
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_the_migrations_also_make_the_tables_of_postgresql():
    """Compiled, not run: what SQLite alone would take shows up here."""
    from sqlalchemy.dialects import postgresql
    from sqlalchemy.schema import CreateTable

    ddl = {
        name: str(CreateTable(table).compile(dialect=postgresql.dialect()))
        for name, table in metadata.tables.items()
    }
    assert "BIGSERIAL" in ddl["runs"]
    assert "TIMESTAMP WITH TIME ZONE" in ddl["leases"]
    assert "BYTEA" in ddl["run_documents"]


def test_the_revisions_form_one_line_that_ends_at_head():
    script = revisions()

    assert script.get_heads() == [HEAD]
    assert script.get_bases() == ["0001"]


def required_without_default(source: str) -> list[int]:
    """The lines of ``add_column`` with a NOT NULL column that has no server default."""
    return [
        call.lineno
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith(".add_column")
        for column in call.args
        if isinstance(column, ast.Call)
        for given in [{keyword.arg: ast.unparse(keyword.value) for keyword in column.keywords}]
        if given.get("nullable") == "False" and "server_default" not in given
    ]


def test_a_column_that_is_added_to_filled_tables_may_be_null_or_has_a_default():
    folder = Path(gitbot.adapters.stores.migrations.__file__).parent / "versions"
    found = {file.name: required_without_default(file.read_text()) for file in folder.glob("*.py")}

    assert {name: lines for name, lines in found.items() if lines} == {}
    assert len(found) > 1


@pytest.mark.parametrize(
    ("more", "lines"),
    [
        ("nullable=False", [1]),
        ("nullable=True", []),
        ("nullable=False, server_default=sa.false()", []),
    ],
)
def test_a_required_column_without_a_default_is_found(more, lines):
    source = f"op.add_column('runs', sa.Column('does', sa.Boolean(), {more}))"

    assert required_without_default(source) == lines


def test_opening_again_changes_nothing_and_keeps_the_rows(tmp_path):
    path = tmp_path / "gitbot.db"
    first = open_database(path)
    with writing(first) as connection:
        insert_once(connection, journal.applied_tips, tip("a"))
    first.dispose()

    second = open_database(f"sqlite:///{path}")

    with reading(second) as connection:
        assert connection.scalar(sa.select(journal.applied_tips.c.tip)) == "a"
    second.dispose()


def tip(commit: str) -> dict[str, str]:
    return {"repository": "7", "environment": "dev", "tip": commit}


def test_a_database_of_a_newer_gitbot_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "gitbot.db"
    engine = open_database(path)
    with writing(engine) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    before = path.read_bytes()

    with pytest.raises(UserError, match=r"newer gitbot.*9999.*Install"):
        open_database(path)

    assert path.read_bytes() == before


def test_a_file_that_is_not_a_database_is_refused_by_name(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("This is not a database, it is a text that is longer than a header. " * 3)

    with pytest.raises(BrokenStoreError, match=r"notes\.txt is damaged: file is not a database"):
        open_database(path)


def test_a_folder_that_cannot_be_made_is_a_user_error(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(UserError, match="cannot be made"):
        open_database(tmp_path / "file" / "gitbot.db")


def test_only_the_owner_can_read_the_folder(tmp_path):
    open_database(tmp_path / "data" / "gitbot.db").dispose()

    assert stat.S_IMODE(os.stat(tmp_path / "data").st_mode) == 0o700


def test_threads_that_open_a_new_database_at_once_all_succeed(tmp_path):
    def opened(_: int) -> str | None:
        engine = open_database(tmp_path / "gitbot.db")
        with engine.connect() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
        engine.dispose()
        return revision

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(opened, range(6))) == [HEAD] * 6


def test_a_migration_that_is_killed_leaves_an_empty_database_that_opens(tmp_path):
    code = (
        "import os, signal, sys, sqlalchemy as sa\n"
        "from sqlalchemy.engine import Engine\n"
        "from gitbot.adapters.stores.database import open_database\n"
        "def die(connection, cursor, statement, *rest):\n"
        "    if 'CREATE TABLE runs' in statement: os.kill(os.getpid(), signal.SIGKILL)\n"
        "sa.event.listen(Engine, 'before_cursor_execute', die)\n"
        "open_database(sys.argv[1])\n"
    )
    path = tmp_path / "gitbot.db"
    died = subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert died.returncode == -9
    assert path.exists()

    engine = open_database(path)

    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_writes_are_as_durable_as_an_intent_needs(tmp_path):
    engine = open_database(tmp_path / "gitbot.db")
    with engine.connect() as connection:

        def pragma(name: str) -> object:
            return connection.exec_driver_sql(f"PRAGMA {name}").scalar()

        assert pragma("journal_mode") == "wal"
        assert pragma("synchronous") == 2
        assert pragma("foreign_keys") == 1
        assert pragma("busy_timeout") == 15000
    engine.dispose()


def test_a_reader_sees_one_instant_and_does_not_wait_for_a_writer(tmp_path):
    engine = open_database(tmp_path / "gitbot.db")
    query = sa.select(journal.applied_tips.c.tip)
    with writing(engine) as connection:
        upsert(connection, journal.applied_tips, tip("a"), ("repository", "environment"))

    with reading(engine) as reader:
        assert reader.scalar(query) == "a"
        with writing(engine) as writer:
            upsert(writer, journal.applied_tips, tip("b"), ("repository", "environment"))
        assert reader.scalar(query) == "a"
    with reading(engine) as reader:
        assert reader.scalar(query) == "b"
    engine.dispose()


def test_a_database_that_stays_locked_is_a_transient_error_without_parameters(tmp_path):
    engine = open_database(tmp_path / "gitbot.db")
    with writing(engine), pytest.raises(TransientError, match="locked") as caught:  # noqa: PT012
        with engine.connect() as second:
            second.connection.cursor().execute("PRAGMA busy_timeout = 0")
        with writing(engine) as connection:
            insert_once(connection, journal.applied_tips, tip("very-private"))
    assert "very-private" not in str(caught.value)
    engine.dispose()
