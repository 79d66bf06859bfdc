"""What a queue must know about the other processes of its database. Shell."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
from dbos import DBOS, DBOSClient

from gitbot.adapters.queue import locks, rows, takeover
from gitbot.adapters.queue.heartbeat import Heartbeat
from gitbot.adapters.queue.lock import FileLock
from gitbot.adapters.queue.peers import Peers

log = logging.getLogger(__name__)

FENCE_S, GRACE_S = 6.0, 10.0
"""Seconds without its lock after which a server ends itself, and after which others take over its jobs."""
_VERSION = "version of jobs "


class Membership(Protocol):
    """Keeps processes of one database apart, and takes over what dead ones have left."""

    @property
    def held_ago_s(self) -> float | None:
        """Seconds since this process was known to hold its lock among others; None where it is alone."""

    def join(self) -> None:
        """Begin to use the database. Raises UserError when this process may not."""

    def migrate(self) -> None:
        """Bring the tables of DBOS up to date."""

    def before_launch(
        self, engine: sa.Engine, client: DBOSClient, version: str, queues: AbstractSet[str]
    ) -> None:
        """Deal with what other versions queued, before this one runs anything of its own ``queues``."""

    def after_launch(self, engine: sa.Engine, version: str) -> None:
        """Take over the jobs of the dead, now or from now on."""

    def pause(self) -> None:
        """Take over nothing more."""

    def leave(self) -> None:
        """Use the database no more."""


class Alone:
    """The membership of the one process of a SQLite file: all others are dead."""

    def __init__(self, path: Path, executor_id: str) -> None:
        self._url = f"sqlite:///{path}"
        self._executor_id = executor_id
        self._lock = FileLock(path)

    @property
    def held_ago_s(self) -> None:
        """None: there are no others."""
        return None

    def join(self) -> None:
        """Take the lock of the file. Raises UserError when another process has it."""
        self._lock.take()

    def migrate(self) -> None:
        """Bring the tables up to date."""
        DBOS.migrate(self._url)

    def before_launch(
        self, engine: sa.Engine, client: DBOSClient, version: str, queues: AbstractSet[str]
    ) -> None:
        """Cancel what another version queued or ran, and drop its queues."""
        takeover.cancel_other_versions(engine, version)
        takeover.drop_other_queues(client, queues)

    def after_launch(self, engine: sa.Engine, version: str) -> None:
        """Queue the jobs of earlier processes again."""
        takeover.recover(rows.executors(engine, version) - {self._executor_id})

    def pause(self) -> None:
        """Nothing goes on."""

    def leave(self) -> None:
        """Give the lock back."""
        self._lock.release()


class Together:
    """The membership of one of several processes on a database of PostgreSQL."""

    def __init__(
        self,
        url: str,
        executor_id: str,
        version: str,
        *,
        lost: Callable[[], None],
        fence_s: float = FENCE_S,
        grace_s: float = GRACE_S,
    ) -> None:
        """``lost`` must end the process: others take over its jobs. ``url`` must reach PostgreSQL itself."""
        self._url = url
        self._executor_id = executor_id
        self._heartbeat = Heartbeat(
            url, executor_id, shared=[_VERSION + version], lost=lost, fence_s=fence_s
        )
        self._peers = Peers(url, grace_s=grace_s)

    def is_dead(self, executor_id: str) -> bool:
        """Whether that process has died. The first question only begins to look at it."""
        return self._peers.is_dead(executor_id)

    @property
    def held_ago_s(self) -> float:
        """Seconds since this process was known to hold its lock."""
        return self._heartbeat.held_ago_s

    def join(self) -> None:
        """Show that this process lives. Raises UserError when its name is taken."""
        self._heartbeat.start()

    def migrate(self) -> None:
        """Bring the tables up to date, one process after the other."""
        with locks.migrating(self._url):
            DBOS.migrate(self._url)

    def before_launch(
        self, engine: sa.Engine, client: DBOSClient, version: str, queues: AbstractSet[str]
    ) -> None:
        """Leave what other versions queued alone: a process that can read it may live."""

    def after_launch(self, engine: sa.Engine, version: str) -> None:
        """Look for dead processes and versions from now on."""

        def working() -> AbstractSet[str]:
            versions = rows.other_versions(engine, version)
            return (rows.executors(engine, version) - {self._executor_id}) | {
                _VERSION + one for one in versions
            }

        def bury(names: Collection[str]) -> None:
            gone = {one.removeprefix(_VERSION) for one in names if one.startswith(_VERSION)}
            for one in gone:
                takeover.cancel_version(engine, one)
            takeover.recover({one for one in names if not one.startswith(_VERSION)})

        self._peers.start(working, bury)

    def pause(self) -> None:
        """Take over nothing more; the lock stays until the running jobs have ended."""
        self._peers.stop()

    def leave(self) -> None:
        """Give the lock back."""
        self._heartbeat.stop()
