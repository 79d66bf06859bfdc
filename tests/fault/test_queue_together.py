"""Several servers run the jobs of one database of PostgreSQL, and take over what a dead one left.

Graces are short here: 2.4 seconds without the lock end a server, and after 4 others take over.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from gitbot.adapters.queue import Together, locks, rows
from gitbot.adapters.queue.heartbeat import Heartbeat
from gitbot.bootstrap.no_server import no_server
from gitbot.errors import UserError
from gitbot.model.places import PostgresPlace
from tests.contract.postgres_server import new_database

SERVER = """
import logging, os, sys, time
from pathlib import Path
from gitbot.adapters.queue import DurableQueue, Together, durable
from gitbot.model.keys import ApplyEnvironment

url, name, version, folder, *asked = sys.argv[1:]
durable.JOBS_VERSION = version
logging.basicConfig(stream=sys.stderr)

def work(key):
    print("begins", key.why, flush=True)
    while not Path(folder, key.why).exists():
        time.sleep(0.01)
    print("ends", key.why, flush=True)

queue = DurableQueue(
    url,
    {ApplyEnvironment: work},
    executor_id=name,
    membership=Together(url, name, version, lost=lambda: os._exit(4), fence_s=2.4, grace_s=4.0),
    poll_s=0.05,
)
queue.start()
print("ready", flush=True)
for why in asked:
    queue.enqueue(ApplyEnvironment(repository="7", environment="dev", tip="abc", why=why, pull_request=1))
sys.stdin.read()
queue.stop(5)
"""


class Server:
    """A server in a process of its own; what it printed is in a file."""

    def __init__(self, url: str, folder: Path, name: str, *asked: str, version: str = "v1") -> None:
        self.name = name
        self._out = folder / f"{name}.out"
        with self._out.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-c", SERVER, url, name, version, str(folder), *asked],
                stdin=subprocess.PIPE,
                stdout=out,
            )

    def said(self) -> list[str]:
        return self._out.read_text().splitlines()

    def end(self) -> None:
        with suppress(BrokenPipeError):
            self.process.communicate(timeout=60)


def until(holds: Callable[[], object], timeout_s: float = 100.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, "it did not come to hold"
        time.sleep(0.02)


@pytest.fixture
def database(postgres_url: str) -> Iterator[str]:
    """A database that no other test uses."""
    with new_database(postgres_url) as url:
        yield url.render_as_string(hide_password=False)


@pytest.fixture
def start(database: str, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    made: list[Server] = []

    def begin(name: str, *asked: str, **more: str) -> Server:
        made.append(Server(database, tmp_path, name, *asked, **more))
        until(lambda: "ready" in made[-1].said())
        return made[-1]

    yield begin
    for one in made:
        if one.process.poll() is None:
            one.process.send_signal(signal.SIGCONT)
            one.process.kill()
        one.end()


def let(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).touch()


def test_the_jobs_of_a_killed_server_go_on_elsewhere_in_their_order(
    start: Callable[..., Server], database: str, tmp_path: Path
) -> None:
    first = start("first", "one", "two")
    until(lambda: "begins one" in first.said())
    engine = rows.open_engine(database)
    found = {(one.job, one.state): one for one in rows.figures(engine)}
    engine.dispose()
    assert [one.number for one in found.values()] == [1, 1]
    assert found.keys() == {("ApplyEnvironment", "running"), ("ApplyEnvironment", "queued")}
    assert 0 < found["ApplyEnvironment", "queued"].oldest_s < 60
    second = start("second")
    time.sleep(5.5)  # longer than the grace: a living server keeps its job
    assert second.said() == ["ready"]
    first.process.kill()
    let(tmp_path, "one", "two")
    until(lambda: "ends two" in second.said())
    assert second.said()[1:] == ["begins one", "ends one", "begins two", "ends two"]
    assert first.said() == ["ready", "begins one"]


@pytest.mark.full
def test_a_server_that_stands_still_keeps_its_jobs(
    start: Callable[..., Server], tmp_path: Path
) -> None:
    first = start("first", "one")
    second = start("second")
    # Whoever has it stands still, the other one must not take it.
    until(lambda: "begins one" in first.said() + second.said())
    still, other = (first, second) if "begins one" in first.said() else (second, first)
    still.process.send_signal(signal.SIGSTOP)
    time.sleep(5.5)
    assert other.said() == ["ready"]
    let(tmp_path, "one")
    still.process.send_signal(signal.SIGCONT)
    until(lambda: "ends one" in still.said() or still.process.poll() is not None)
    assert still.said().count("begins one") + other.said().count("begins one") == 1


@pytest.mark.full
def test_a_server_that_cannot_hold_its_lock_ends_before_another_takes_its_jobs(
    start: Callable[..., Server], database: str, tmp_path: Path
) -> None:
    first = start("first", "one")
    until(lambda: "begins one" in first.said())
    second = start("second")
    with locks.connect(database) as thief:
        thief.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
            " AND ((classid::bigint << 32) | objid::bigint) = %s",
            [locks.key("first")],
        )
        until(lambda: locks.try_take(thief, "first"))
        first.process.wait(30)
        assert first.process.returncode == 4
        assert second.said() == ["ready"], "it takes over only when the lock is free"
    let(tmp_path, "one")
    until(lambda: "ends one" in second.said())
    assert first.said() == ["ready", "begins one"]


@pytest.mark.full
def test_the_jobs_of_another_version_are_left_to_it_while_it_lives_and_cancelled_when_it_is_dead(
    start: Callable[..., Server], database: str, tmp_path: Path
) -> None:
    def old_jobs() -> list[str]:
        with psycopg.connect(database.replace("+psycopg", "")) as connection:
            found = connection.execute(
                "SELECT status FROM dbos.workflow_status WHERE application_version = 'v0'"
                " ORDER BY created_at"
            )
            return [str(row[0]) for row in found]

    old = start("old", "one", "two", version="v0")
    until(lambda: "begins one" in old.said())
    new = start("new")
    time.sleep(5.5)
    assert old_jobs() == ["PENDING", "ENQUEUED"]
    let(tmp_path, "one")
    until(lambda: "begins two" in old.said())
    old.process.kill()
    until(lambda: old_jobs() == ["SUCCESS", "CANCELLED"])
    # It blocks nobody: the sweep of a server wakes again what it was for.
    let(tmp_path, "three")
    other = start("other", "three")
    until(lambda: "ends three" in new.said() + other.said())


def test_whether_servers_run_is_seen_from_outside(
    start: Callable[..., Server], database: str
) -> None:
    with no_server(PostgresPlace(url=database)):
        pass
    first, second = start("first"), start("second")
    with (
        pytest.raises(UserError, match=r"2 servers of gitbot run at .*: stop all of them"),
        no_server(PostgresPlace(url=database)),
    ):
        pass
    first.process.kill()
    second.process.kill()
    until(lambda: not locks.serving(database))


def test_two_servers_of_one_name_are_refused(start: Callable[..., Server], database: str) -> None:
    start("first")
    second = Heartbeat(database, "first", lost=lambda: None)
    with pytest.raises(UserError, match="Another gitbot of the name first uses this database"):
        second.start()


def test_servers_that_start_at_once_on_an_empty_database_make_its_tables_one_after_the_other(
    database: str,
) -> None:
    servers = [Together(database, f"s{at}", "v1", lost=lambda: None) for at in range(3)]
    pool = ThreadPoolExecutor(3)  # not left by waiting: threads that hang end with the database
    for one in [pool.submit(server.migrate) for server in servers]:
        one.result(60)
