"""Ask whether a server on SQLite has anything left to do."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from gitbot_sandbox.sandbox import Sandbox, eventually


def idle(sandbox: Sandbox) -> bool:
    """Whether the server has nothing to do: no delivery waits, no job is queued, put off or runs."""
    # First the deliveries: they become jobs.
    return not (
        _count(sandbox.data / "gitbot.db", "deliveries WHERE document IS NOT NULL")
        or _count(
            sandbox.data / "jobs.db",
            "workflow_status WHERE status IN ('PENDING', 'ENQUEUED', 'DELAYED')",
        )
    )


def wait_until_swept(sandbox: Sandbox) -> None:
    """Return when a server that has just started has looked at every repository, and is idle.

    A test that begins earlier shares its first seconds with that look, which plans and applies too.
    """
    swept = "workflow_status WHERE workflow_uuid LIKE 'sweep:%:start:%'"
    eventually(
        lambda: (
            _count(sandbox.data / "jobs.db", swept) >= len(sandbox.repositories) and idle(sandbox)
        ),
        what="the first sweep of every repository",
    )


def _count(path: Path, of: str) -> int:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as connection:
        ((found,),) = connection.execute(f"SELECT count(*) FROM {of}")
    return int(found)
