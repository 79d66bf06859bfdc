"""Tests that nobody else on the machine can read gitbot's files."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from gitbot.adapters.private_files import private_file, private_folder
from gitbot.adapters.queue import DurableQueue
from gitbot.adapters.stores.database import open_database, writing
from gitbot.errors import BrokenStoreError


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True)
def generous_umask() -> object:
    before = os.umask(0)
    yield
    os.umask(before)


def test_a_database_and_the_files_beside_it_are_for_their_owner_only(tmp_path: Path) -> None:
    """The kind: a file with secrets whose mode the umask decides."""
    file = tmp_path / "gitbot.db"
    engine = open_database(file)
    with writing(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE more (x)")
        modes = {one.name: mode(one) for one in tmp_path.iterdir()}
    engine.dispose()
    assert set(modes) == {"gitbot.db", "gitbot.db-wal", "gitbot.db-shm"}
    assert set(modes.values()) == {0o600}


def test_a_file_that_is_no_database_keeps_its_mode(tmp_path: Path) -> None:
    """The kind: a wrong name for the store changes somebody's file."""
    file = tmp_path / "notes.txt"
    file.write_text("Buy milk, and do not forget the bread.")
    file.chmod(0o644)
    with pytest.raises(BrokenStoreError, match="not a database"):
        open_database(file)
    assert mode(file) == 0o644
    assert file.read_text().startswith("Buy milk")


def test_a_database_of_an_earlier_version_is_closed_and_that_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "gitbot.db"
    for name in ("gitbot.db", "gitbot.db-wal"):
        (tmp_path / name).touch(mode=0o644)
    open_database(file).dispose()
    assert mode(file) == 0o600
    assert f"{file} had the mode 0644" in caplog.text
    caplog.clear()
    open_database(file).dispose()
    assert caplog.text == ""


def test_the_queue_and_the_data_folder_are_for_their_owner_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    private_folder(folder)
    assert mode(folder) == 0o700
    assert "had the mode 0755" in caplog.text
    private_folder(tmp_path / "new" / "data")
    assert mode(tmp_path / "new" / "data") == 0o700
    queue = DurableQueue(folder / "jobs.db", {}, executor_id="x")
    queue.start()
    try:
        modes = {one.name: mode(one) for one in folder.iterdir() if "jobs.db" in one.name}
    finally:
        queue.stop(0)
    assert modes.pop("jobs.db") == 0o600
    assert not any(one & 0o077 for name, one in modes.items() if not name.endswith(".lock"))


def test_a_link_to_a_file_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real.db").touch(mode=0o644)
    (tmp_path / "link.db").symlink_to(tmp_path / "real.db")
    private_file(tmp_path / "link.db")
    assert mode(tmp_path / "real.db") == 0o600
