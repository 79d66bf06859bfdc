"""Give tests several servers on one PostgreSQL, and a look at their jobs, runs and records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa

from gitbot.adapters.stores.database import open_database
from gitbot.adapters.stores.records import sql_records
from gitbot.ports.records import Records
from gitbot_sandbox.fleet import Fleet
from gitbot_sandbox.sandbox import Sandbox, eventually
from gitbot_sandbox.scene import scene
from gitbot_sandbox.server_process import ServerProcess
from tests.contract.postgres_server import new_database, written
from tests.e2e.conftest import base_files
from tests.fault.server_world import Bench


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A row of the queue. ``starts`` says how often it was begun, ``process`` by whom last."""

    id: str
    status: str
    process: str
    starts: int


class Served:
    """Servers that run, what they serve, and a look at what they share."""

    def __init__(self, sandbox: Sandbox, fleet: Fleet, engine: sa.Engine) -> None:
        self.bench = Bench(sandbox, sandbox.repositories[0])
        self.fleet = fleet
        self._engine = engine

    @property
    def records(self) -> Records:
        """What the servers have recorded."""
        return sql_records(self._engine)

    def jobs(self, prefix: str) -> list[Job]:
        """The jobs whose id begins so, in the order of ids."""
        query = sa.text(
            "SELECT workflow_uuid, status, executor_id, recovery_attempts"
            " FROM dbos.workflow_status WHERE starts_with(workflow_uuid, :prefix)"
            " ORDER BY workflow_uuid"
        )
        with self._engine.connect() as connection:
            return [
                Job(id=row[0], status=row[1], process=row[2] or "", starts=row[3])
                for row in connection.execute(query, {"prefix": prefix})
            ]

    def runs_apply(self) -> ServerProcess | None:
        """The server that applies now."""
        for job in self.jobs("apply:"):
            for one in self.fleet.members:
                if job.status == "PENDING" and f":{one.pid}:" in job.process:
                    return one
        return None

    def scene(self) -> str:
        """What a failed test's report tells: GitHub, the jobs of all, and the end of each log."""
        times = "to_char(to_timestamp({}/1000.0) AT TIME ZONE 'UTC', 'HH24:MI:SS.MS')"
        created, updated = times.format("created_at"), times.format("updated_at")
        query = sa.text(
            f"SELECT {created}, {updated}, status, workflow_uuid, executor_id, recovery_attempts"
            " FROM dbos.workflow_status ORDER BY created_at DESC LIMIT 40"
        )
        with self._engine.connect() as connection:
            jobs = [" ".join(map(str, row)) for row in connection.execute(query)]
        logs = [
            f"--- the end of the log of {one.name}:\n{one.log_text()[-6000:]}"
            for one in self.fleet.members
        ]
        return "\n".join(
            [
                scene(self.bench.sandbox, self.bench.name),
                "--- the jobs, newest first:",
                *jobs,
                *logs,
            ]
        )

    def quiet(self) -> None:
        """Wait until every delivery is heard and every job has ended."""
        eventually(
            lambda: self.bench.github.courier.wait_idle(0.1) and self._is_idle(),
            what="the servers to have nothing left to do",
        )

    def _is_idle(self) -> bool:
        # First the deliveries: they become jobs.
        waiting = sa.text("SELECT count(*) FROM deliveries WHERE document IS NOT NULL")
        with self._engine.connect() as connection:
            if connection.scalar(waiting):
                return False
        return not any(job.status in {"PENDING", "ENQUEUED", "DELAYED"} for job in self.jobs(""))


T = TypeVar("T", bound=Served)


@contextmanager
def serving_together(
    server: str,
    root: Path,
    name: str,
    count: int,
    environ: Mapping[str, str],
    files: Mapping[str, str] | None = None,
    calendar: str = "",
    world: type[T] = Served,
) -> Iterator[T]:
    """``count`` servers of one repository, on a database of its own on the PostgreSQL at ``server``.

    ``files`` are more than the usual ones. The time that schedules go by begins at ``calendar``.
    """
    settings = {"GITBOT_SWEEP_S": "86400", "GITBOT_DRAIN_S": "20", **environ}
    with new_database(server) as url, Sandbox(root, environ=settings) as sandbox:
        if calendar:
            sandbox.github.clock.move_to(calendar)
        sandbox.create_repository(name, base_files(name) | dict(files or {}))
        with Fleet(sandbox, written(url), count) as fleet:
            engine = open_database(url.render_as_string(hide_password=False))
            try:
                yield world(sandbox, fleet, engine)
            finally:
                engine.dispose()
