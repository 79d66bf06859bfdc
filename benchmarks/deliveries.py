"""Measure a flood of deliveries: how soon each is answered, and how soon all are dealt with. Shell."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import sqlalchemy as sa

from benchmarks.flood import Subject
from benchmarks.measuring import Figure, cpu_s_of, tree_rss_bytes
from gitbot_sandbox.fleet import Fleet
from gitbot_sandbox.sandbox import WRITER, Sandbox
from gitbot_sandbox.stage import Stage
from tests.contract.postgres_server import DURABLE, new_database, programs, running, written

RATE, SECONDS = 200, 60
_PULLS, _ANSWERS = 40, 30
_ENVIRONMENT = """\
apiVersion: gitbot/v1
kind: Environment
metadata: {name: dev}
spec: {region: us-east-1}
"""
_MEGABYTE = 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Served:
    """Servers that run: their addresses and processes, and the database with their inbox."""

    sandbox: Sandbox
    urls: Sequence[str]
    pids: Sequence[int]
    inbox: sa.Engine
    jobs: sa.Engine
    status_table: str


def measure(root: Path, say: Callable[[str], None]) -> Iterator[tuple[str, Mapping[str, Figure]]]:
    """The flood on SQLite, and on PostgreSQL with one and three servers, where it is installed."""
    say(f"a flood of {RATE} deliveries a second, on SQLite")
    with _on_sqlite(root / "sqlite") as served:
        yield from _flood(served, "SQLite, one server", say)
    binaries = programs()
    if binaries is None:
        return
    for count in (1, 3):
        name = f"PostgreSQL, {'one server' if count == 1 else f'{count} servers'}"
        say(f"the flood on {name}")
        with _on_postgresql(root / f"postgresql{count}", binaries, count) as served:
            yield from _flood(served, name, say)


@contextmanager
def _sandbox(root: Path) -> Iterator[Sandbox]:
    with Sandbox(root, environ={"GITBOT_SWEEP_S": "3600"}) as sandbox:
        files = {"README.md": "", "specs/dev/environment.yaml": _ENVIRONMENT}
        sandbox.create_repository("flood", files)
        yield sandbox


@contextmanager
def _on_sqlite(root: Path) -> Iterator[_Served]:
    with _sandbox(root) as sandbox:
        sandbox.start_server()
        yield _Served(
            sandbox=sandbox,
            urls=[sandbox.server_url],
            pids=[sandbox.server_pid],
            inbox=sa.create_engine(f"sqlite:///{sandbox.data / 'gitbot.db'}"),
            jobs=sa.create_engine(f"sqlite:///{sandbox.data / 'jobs.db'}"),
            status_table="workflow_status",
        )


@contextmanager
def _on_postgresql(root: Path, binaries: Path, count: int) -> Iterator[_Served]:
    with (
        running(binaries, DURABLE) as server,
        new_database(server) as url,
        _sandbox(root) as sandbox,
        Fleet(sandbox, written(url), count) as fleet,
    ):
        engine = sa.create_engine(url)
        yield _Served(
            sandbox=sandbox,
            urls=[one.url for one in fleet.members],
            pids=[one.pid for one in fleet.members],
            inbox=engine,
            jobs=engine,
            status_table="dbos.workflow_status",
        )
        engine.dispose()


def _flood(
    served: _Served, name: str, say: Callable[[str], None]
) -> Iterator[tuple[str, Mapping[str, Figure]]]:
    subject = _subject(served.sandbox)
    _wait(lambda: _jobs_left(served) == 0)
    memory = _Memory(served.pids)
    memory.start()
    before_s = cpu_s_of(served.pids)
    found = _send(subject, served.urls)
    ended = time.monotonic()
    _wait(lambda: _waiting(served) == 0)
    backlog_s = time.monotonic() - ended
    _wait(lambda: _jobs_left(served) == 0)
    jobs_s = time.monotonic() - ended
    cpu_s = cpu_s_of(served.pids) - before_s
    megabytes = memory.end()
    latencies = sorted(latency for _, latency in found)
    rows, woke = _rows(served)
    assert [status for status, _ in found] == [202] * RATE * SECONDS, "not all were answered"
    assert rows == RATE * SECONDS, f"{rows} of {RATE * SECONDS} were kept"
    say(
        f"{name}: {rows:,} answered and kept, {woke} became jobs that newer ones could replace;"
        f" median {_at(latencies, 0.5) * 1000:.0f} ms, p99 {_at(latencies, 0.99) * 1000:.0f} ms, slowest"
        f" {latencies[-1] * 1000:.0f} ms; inbox empty after {backlog_s:.1f} s, jobs done after"
        f" {jobs_s:.1f} s; memory {_told(megabytes)} MB; {cpu_s:.1f} s of CPU time"
    )
    peak = max(megabytes)
    for what, wall_s in (
        ("delivery to answer, median", _at(latencies, 0.5)),
        ("delivery to answer, p99", _at(latencies, 0.99)),
        ("inbox empty after the flood", backlog_s),
        ("jobs done after the flood", jobs_s),
    ):
        yield f"{what}; {name}", {"gitbot": Figure(wall_s=wall_s, cpu_s=cpu_s, peak_rss_mb=peak)}


def _subject(sandbox: Sandbox) -> Subject:
    """Open pull requests that touch no spec, and comments with a command that are not sent yet."""
    stage = Stage(sandbox, sandbox.repositories[0])
    for number in range(_PULLS):
        stage.open(f"change-{number:02}", f"Change {number}", {f"notes/{number}.md": "more"})
    first = next(iter(stage.pulls.values()))
    sandbox.github.courier.drop(_ANSWERS)
    comments = [
        (sandbox.github.comment(stage.name, first, WRITER, "/help"), "/help")
        for _ in range(_ANSWERS)
    ]
    repository = sandbox.github.repository(stage.name)
    return Subject(
        secret=sandbox.app.webhook_secret,
        repository=repository.id,
        branch=repository.default_branch,
        heads={str(number): stage.head(number) for number in stage.pulls.values()},
        tip=sandbox.github.git(stage.name).branch(repository.default_branch) or "",
        comments=comments,
    )


def _send(subject: Subject, urls: Sequence[str]) -> Sequence[tuple[int, float]]:
    flood = subprocess.run(
        [sys.executable, "-m", "benchmarks.flood", str(RATE), str(SECONDS), *urls],
        input=json.dumps(asdict(subject)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return [(int(status), float(latency)) for status, latency in json.loads(flood.stdout)]


def _wait(holds: Callable[[], bool], timeout_s: float = 300.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, "it did not come to rest"
        time.sleep(0.1)


def _waiting(served: _Served) -> int:
    return _count(served.inbox, "deliveries WHERE document IS NOT NULL")


def _jobs_left(served: _Served) -> int:
    unfinished = "status IN ('PENDING', 'ENQUEUED', 'DELAYED')"
    return _count(served.jobs, f"{served.status_table} WHERE {unfinished}")


def _rows(served: _Served) -> tuple[int, int]:
    """How many deliveries of the flood were kept, and how many became jobs that newer ones could
    replace."""
    flood = "deliveries WHERE id LIKE 'flood-%'"
    return _count(served.inbox, flood), _count(served.inbox, f"{flood} AND woke_at IS NOT NULL")


def _count(engine: sa.Engine, of: str) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(sa.text(f"SELECT count(*) FROM {of}")) or 0)


def _at(sorted_: Sequence[float], part: float) -> float:
    return sorted_[min(len(sorted_) - 1, int(len(sorted_) * part))]


def _told(megabytes: Sequence[float]) -> str:
    """The memory at the beginning and after each twenty seconds."""
    return ", ".join(f"{one:.0f}" for one in (*megabytes[::20], megabytes[-1]))


class _Memory(threading.Thread):
    """Reads once a second how much memory the servers have, without their children's."""

    def __init__(self, pids: Sequence[int]) -> None:
        super().__init__(daemon=True)
        self._pids = pids
        self._ended = threading.Event()
        self._found: list[float] = []

    def run(self) -> None:
        while True:
            total = sum(tree_rss_bytes(pid) or 0 for pid in self._pids)
            self._found.append(total / _MEGABYTE)
            if self._ended.wait(1.0):
                return

    def end(self) -> Sequence[float]:
        """Stop reading; the megabytes of each second."""
        self._ended.set()
        self.join()
        return self._found
