"""Backups of the embedded databases are of one instant, whole and private, and come back as they were."""

from __future__ import annotations

import json
import sqlite3
import stat
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from gitbot.adapters.queue.membership import Alone
from gitbot.adapters.snapshot_file import QUEUE, STORE, unpack
from gitbot.adapters.snapshots import back_up, restore
from gitbot.adapters.stores.database import open_database
from gitbot.adapters.stores.migrating import known_revisions
from gitbot.adapters.stores.migrations import HEAD
from gitbot.cli.main import main
from gitbot.errors import UserError
from tests.contract.empty_database import open_empty
from tests.contract.state_world import recorded, resource, sql_world

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
KNOWN = known_revisions()
YES: dict[str, list[str]] = {"backup": [], "restore": ["--yes"]}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """The data folder of a server, whose state has a stack and whose queue has a job."""
    data = tmp_path / "data"
    data.mkdir()
    engine = open_empty(data / STORE)
    world = sql_world(engine)
    recorded(world, world.lease(), resource())
    engine.dispose()
    Alone(data / QUEUE, "local").migrate()
    with closing(sqlite3.connect(data / QUEUE)) as queue, queue:
        for number, status in enumerate(("ENQUEUED", "PENDING", "SUCCESS")):
            queue.execute(
                "INSERT INTO workflow_status (workflow_uuid, status, created_at, updated_at) "
                "VALUES (?, ?, 0, 0)",
                [str(number), status],
            )
    return data / STORE


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(query).fetchall()


def test_a_backup_comes_back_as_it_was_and_what_it_replaces_is_kept(
    store: Path, tmp_path: Path
) -> None:
    file = tmp_path / "backup"
    made = back_up(store, file, NOON)
    assert (made.databases, made.environments, made.open_jobs) == ((STORE, QUEUE), ("dev",), 2)
    assert made.revision == HEAD
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (before,) = rows(store, "SELECT name, lineage, serial FROM stacks")
    with closing(sqlite3.connect(store)) as database, database:
        database.execute("UPDATE stacks SET name = 'later'")
    with closing(sqlite3.connect(store.with_name(QUEUE))) as database, database:
        database.execute("DELETE FROM workflow_status")

    found, kept = restore(file, store, KNOWN, NOON + timedelta(days=1))

    assert found == made
    (after,) = rows(store, "SELECT name, lineage, serial FROM stacks")
    assert after[:2] == before[:2]
    # Client tokens are made from the serial.
    assert after[2] == before[2] + 1000  # type: ignore[operator]
    assert rows(store.with_name(QUEUE), "SELECT count(*) FROM workflow_status") == [(3,)]
    assert [one.name for one in kept] == [
        f"{name}.replaced-20261130T120000Z" for name in (STORE, QUEUE)
    ]
    assert rows(kept[0], "SELECT name FROM stacks") == [("later",)]
    modes = {stat.S_IMODE(one.stat().st_mode) for one in (store, store.with_name(QUEUE), *kept)}
    assert modes == {0o600}
    open_database(store).dispose()


def test_a_restore_that_is_killed_anywhere_leaves_the_old_store_or_the_new_one(
    store: Path, backup: Path
) -> None:
    """The kind: a moment without a file, in which a server that starts makes an empty one."""
    moves: list[tuple[str, bool]] = []

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        # An audit hook stays for good, so it looks at this folder only.
        if event in ("os.rename", "os.remove", "os.link") and str(store.parent) in str(
            arguments[0]
        ):
            moves.append((event, store.exists() and store.with_name(QUEUE).exists()))

    sys.addaudithook(watch)
    restore(backup, store, KNOWN, NOON)
    assert [event for event, _ in moves].count("os.rename") >= 2
    assert all(there for _, there in moves), moves


def test_all_databases_are_of_one_instant_while_somebody_writes_to_both(
    store: Path, tmp_path: Path
) -> None:
    """The kind: a job that is done in the queue, and whose result is not in state, or the reverse."""
    paths = (store, store.with_name(QUEUE))
    for path in paths:
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("CREATE TABLE counter (n INTEGER)")
            database.execute("INSERT INTO counter VALUES (0)")
    stop, begun = threading.Event(), threading.Event()

    def write() -> None:
        one, other = (sqlite3.connect(path, timeout=30) for path in paths)
        with closing(one), closing(other):
            while not stop.is_set():
                for database in (one, other):
                    with database:
                        database.execute("UPDATE counter SET n = n + 1")
                begun.set()

    thread = threading.Thread(target=write)
    thread.start()
    begun.wait(30)
    try:
        for number in range(8):
            back_up(store, tmp_path / f"b{number}", NOON)
    finally:
        stop.set()
        thread.join()
    seen = []
    for number in range(8):
        with zipfile.ZipFile(tmp_path / f"b{number}") as packed:
            packed.extractall(tmp_path / f"x{number}")
        first, second = (
            rows(tmp_path / f"x{number}" / name, "SELECT n FROM counter")[0][0]
            for name in (STORE, QUEUE)
        )
        assert first in (second, second + 1)  # type: ignore[operator]
        seen.append(first)
    assert seen[-1] > seen[0]  # type: ignore[operator]


def test_a_backup_overwrites_nothing_and_leaves_nothing_half_done(
    store: Path, tmp_path: Path
) -> None:
    file = tmp_path / "mine"
    file.write_text("mine")
    with pytest.raises(UserError, match="exists already"):
        back_up(store, file, NOON)
    assert file.read_text() == "mine"
    page = bytearray(store.with_name(QUEUE).read_bytes())
    page[4096:8192] = b"x" * 4096
    store.with_name(QUEUE).write_bytes(page)
    with pytest.raises(UserError, match=r"jobs\.db"):
        back_up(store, tmp_path / "new", NOON)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["data", "mine"]


def changed(file: Path, **fields: object) -> None:
    """Write other fields into the manifest of the backup."""
    with zipfile.ZipFile(file) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    parts["manifest.json"] = json.dumps(json.loads(parts["manifest.json"]) | fields).encode()
    with zipfile.ZipFile(file, "w") as packed:
        for name, part in parts.items():
            packed.writestr(name, part)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"format": 99}, "newer gitbot.*format 99"),
        ({"revision": "9999"}, "newer gitbot.*revision 9999"),
        ({"databases": {STORE: "0" * 64}}, "damaged"),
        ({"databases": {"../evil": "0" * 64}}, "damaged"),
        ({"databases": []}, "damaged"),
    ],
)
def test_a_backup_that_cannot_be_trusted_or_is_too_new_changes_nothing(
    store: Path, tmp_path: Path, fields: dict[str, object], says: str
) -> None:
    file = tmp_path / "backup"
    back_up(store, file, NOON)
    changed(file, **fields)
    before = store.read_bytes()
    with pytest.raises(UserError, match=says):
        restore(file, store, KNOWN, NOON)
    assert store.read_bytes() == before
    assert not [one for one in store.parent.iterdir() if "replaced" in one.name]


def test_a_wrong_bit_anywhere_in_a_backup_is_told(store: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    back_up(store, file, NOON)
    whole = file.read_bytes()
    begins = (*range(60), *range(len(whole) - 120, len(whole)), *range(60, len(whole), 4001))
    told = 0
    for at in begins:
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        try:
            unpack(file, tmp_path / "unpacked")
        except UserError as error:
            assert "damaged" in str(error) or "newer" in str(error)  # noqa: PT017
            told += 1
    assert told > len(begins) / 2


@pytest.fixture
def backup(store: Path, tmp_path: Path) -> Path:
    back_up(store, tmp_path / "backup", NOON)
    return tmp_path / "backup"


@pytest.fixture
def server(store: Path) -> Iterator[None]:
    """Another process that holds the lock of a server."""
    code = (
        "import sys, pathlib\n"
        "from gitbot.adapters.queue.lock import FileLock\n"
        "lock = FileLock(pathlib.Path(sys.argv[1])); lock.take(); print('held', flush=True); input()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(store.with_name(QUEUE))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield
        process.communicate(b"\n")


def test_a_store_in_use_is_not_replaced(store: Path, backup: Path) -> None:
    engine = open_database(store)
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1 FROM stacks")
        with pytest.raises(UserError, match="is in use: stop the server"):
            restore(backup, store, KNOWN, NOON)
    engine.dispose()
    restore(backup, store, KNOWN, NOON)


@pytest.mark.usefixtures("server")
def test_the_store_of_a_server_is_not_replaced(store: Path, backup: Path) -> None:
    ran = CliRunner().invoke(main, ["restore", str(backup), "--store", str(store), "--yes"])
    assert ran.exit_code == 1
    assert "Another gitbot" in ran.output


def test_a_damaged_store_is_replaced_and_kept(store: Path, backup: Path) -> None:
    store.write_bytes(b"not a database at all, but longer than its header is" * 20)
    _, kept = restore(backup, store, KNOWN, NOON)
    assert kept[0].read_bytes().startswith(b"not a database")
    assert rows(store, "SELECT count(*) FROM stacks") == [(1,)]


def moved(path: Path, to: str | None) -> None:
    """Note in the stacks of the store that another one has them, as a move does."""
    said = None if to is None else json.dumps({"to": to, "lineage": "l", "serial": 1})
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE stacks SET moved = ?", [said])


@pytest.mark.parametrize(
    ("then", "now", "says"),
    [
        (None, "new.db", r"^new\.db has dev/trainer now.*two stores would change the same objects"),
        (
            "old.db",
            None,
            r"only a copy of dev/trainer: old\.db had it then.*no store would have it",
        ),
        (None, None, None),
        ("new.db", "new.db", None),
    ],
)
def test_a_backup_from_the_other_side_of_a_move_changes_nothing(
    store: Path, tmp_path: Path, then: str | None, now: str | None, says: str | None
) -> None:
    """The kind: a restore after which two stores have a stack, or none."""
    moved(store, then)
    file = tmp_path / "backup"
    back_up(store, file, NOON)
    moved(store, now)
    if says is None:
        restore(file, store, KNOWN, NOON)
        return
    before = rows(store, "SELECT * FROM stacks")
    with pytest.raises(UserError, match=says):
        restore(file, store, KNOWN, NOON)
    assert rows(store, "SELECT * FROM stacks") == before
    # The way out that it names, where the other store is lost.
    store.rename(tmp_path / "aside.db")
    restore(file, store, KNOWN, NOON)


def test_the_commands_say_what_they_did_and_what_to_do_next(store: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    options = ["--store", str(store)]
    made = CliRunner().invoke(main, ["backup", str(file), *options, "--json"])
    assert json.loads(made.stdout)["databases"] == [STORE, QUEUE]
    ran = CliRunner().invoke(main, ["restore", str(file), *options])
    assert (ran.exit_code, "agree with --yes" in ran.output) == (1, True)
    ran = CliRunner().invoke(main, ["restore", str(file), *options, "--yes"])
    assert ran.exit_code == 0, ran.output
    assert "2 jobs had not ended then: they run again" in ran.output
    assert "gitbot recover dev" in ran.output
    for command, path in (("backup", tmp_path / "no" / "b"), ("restore", file)):
        at = "/proc/no/x.db" if command == "restore" else str(store)
        ran = CliRunner().invoke(main, [command, str(path), "--store", at, *YES[command]])
        assert ran.exit_code == 1
        assert str(path) in ran.output
        assert "No such file or directory" in ran.output
    ran = CliRunner().invoke(main, ["backup", str(tmp_path / "b"), "--store", "postgresql://h/d"])
    assert ran.exit_code == 1
