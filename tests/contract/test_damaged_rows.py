"""What reads a whole store names the store, the table with a damaged row and the ways on, and changes nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from gitbot.adapters.clock import SystemClock
from gitbot.adapters.processes import LocalProcesses
from gitbot.adapters.sealing.key_rows import open_sealer
from gitbot.adapters.sealing.kms import Kms
from gitbot.adapters.snapshots import back_up
from gitbot.adapters.stores.database import open_database
from gitbot.adapters.stores.key_rows import SqlKeyRows
from gitbot.adapters.stores.rotation import SqlSealing
from gitbot.adapters.stores.sealed import sealed_engine
from gitbot.adapters.stores.state import SqlStateStore
from gitbot.cli.main import main
from gitbot.errors import BrokenStoreError
from gitbot.model.state_keys import state_keys
from tests.contract.empty_database import open_empty
from tests.contract.state_world import STACK, intent, resource

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
KEY = f"{'A' * 43}="

PAGE = "the second half of the file is overwritten"
DAMAGES = {
    "UPDATE resources SET body = '{bad'": "resources",
    "UPDATE resources SET body = '{}'": "resources",
    "UPDATE resources SET body = '[]'": "resources",
    "UPDATE resources SET body = x'78ffff'": "resources",
    "UPDATE intents SET body = '[1'": "intents",
    "UPDATE stacks SET outputs = '[1'": "stacks",
    "DROP TABLE deposed": "deposed",
    "ALTER TABLE resources DROP COLUMN body": "resources",
    "DELETE FROM stacks": "stack",
}
ONLY_READ = {
    # Nothing seals these, so a rotation does not read them.
    PAGE: "",
    "UPDATE stacks SET born_at = 'x'": "stacks",
    "UPDATE stacks SET lifetime = '{'": "stacks",
    "UPDATE leases SET expires_at = 'x'": "leases",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store in plain text, whose stack has a resource and an intent."""
    path = tmp_path / "gitbot.db"
    engine = open_empty(path)
    store = SqlStateStore(engine, SystemClock(), LocalProcesses())
    lease = store.acquire(STACK.environment_key, "test", timedelta(minutes=5))
    store.put(lease, STACK, "line", resource())
    store.begin(lease, STACK, "line", intent(lease))
    engine.dispose()
    return path


def damage(path: Path, statement: str) -> None:
    if statement == PAGE:
        content = path.read_bytes()
        half = len(content) // 8192 * 4096
        path.write_bytes(content[:half] + b"\xff" * (len(content) - half))
        return
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(statement)


def assert_told(error: BrokenStoreError, path: Path, table: str) -> None:
    assert f"The database sqlite:///{path} is damaged" in str(error)
    assert table in str(error).partition("Nothing was written")[0]
    assert f"`gitbot restore FILE --store {path}`" in str(error)
    assert "`gitbot recover ENVIRONMENT --new-store`" in str(error)


@pytest.mark.parametrize("statement", [*DAMAGES, *ONLY_READ])
def test_a_damaged_store_is_not_backed_up(path: Path, tmp_path: Path, statement: str) -> None:
    """The kind: a backup that nobody can use, of which people learn on the day they need it."""
    damage(path, statement)
    with pytest.raises(BrokenStoreError) as told:
        back_up(path, tmp_path / "backup", NOON)
    assert_told(told.value, path, {**DAMAGES, **ONLY_READ}[statement])
    assert not (tmp_path / "backup").exists()


def test_whoever_types_the_backup_reads_what_is_damaged(path: Path, tmp_path: Path) -> None:
    damage(path, "UPDATE resources SET body = '{bad'")
    ran = CliRunner().invoke(main, ["backup", str(tmp_path / "backup"), "--store", str(path)])
    assert ran.exit_code == 1
    assert "the table resources has a row that is not as gitbot wrote it" in ran.output
    damage(path, "UPDATE resources SET body = 'gitbot-sealed-1:k:x'")  # only its key can tell
    ran = CliRunner().invoke(main, ["backup", str(tmp_path / "backup"), "--store", str(path)])
    assert ran.exit_code == 0, ran.output


@pytest.mark.parametrize("statement", DAMAGES)
def test_a_rotation_of_a_damaged_store_is_refused(path: Path, statement: str) -> None:
    """The kind: a traceback, or the advice to wait for others."""
    damage(path, statement)
    database = open_database(path)
    rows = SqlKeyRows(database)
    engine = sealed_engine(database, open_sealer(state_keys(KEY), rows, Kms()))
    with pytest.raises(BrokenStoreError) as told:
        SqlSealing(engine, rows).rotate(lambda *_: None)
    assert_told(told.value, path, DAMAGES[statement])
    database.dispose()
