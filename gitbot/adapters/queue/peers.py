"""Finds the servers of a database that have died, by their locks. Shell."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from collections.abc import Set as AbstractSet

import psycopg
import sqlalchemy as sa

from gitbot.adapters.queue import locks

log = logging.getLogger(__name__)


class Peers:
    """Looks at the locks of other processes. A process is dead when its lock was free for ``grace_s``.

    A moment without the database says nothing: all locks end when it restarts, and who lives takes its
    own again. So the time begins anew after each failure. The grace must be longer than the time
    after which a process that lost its lock ends itself.
    """

    def __init__(self, url: str, *, grace_s: float = 10.0, every_s: float = 1.0) -> None:
        self._url = url
        self._grace_s = grace_s
        self._every_s = every_s
        self._asked: set[str] = set()
        self._free_since: dict[str, float] = {}
        self._dead: set[str] = set()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(
        self,
        working: Callable[[], AbstractSet[str]],
        bury: Callable[[Collection[str]], None],
    ) -> None:
        """Look again and again, until ``stop``, in a thread of its own.

        ``working`` gives the names that have something to take over, and ``bury`` takes over what the
        dead ones of these have. It may be called twice for one name.
        """
        self._thread = threading.Thread(
            target=self._run, args=(working, bury), name="peers", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def is_dead(self, name: str) -> bool:
        """Whether the lock of the name was free for the grace.

        The first question about a name only begins to look at it, so ask again later.
        """
        with self._lock:
            self._asked.add(name)
            return name in self._dead

    def _run(
        self,
        working: Callable[[], AbstractSet[str]],
        bury: Callable[[Collection[str]], None],
    ) -> None:
        connection: psycopg.Connection[tuple[object, ...]] | None = None
        while not self._stopping.wait(self._every_s):
            try:
                connection = connection or locks.connect(self._url)
                wanted = working()
                if dead := self._look(connection, wanted) & wanted:
                    log.warning("taking over the jobs of %s, which died", ", ".join(sorted(dead)))
                    bury(sorted(dead))
            except (psycopg.Error, sa.exc.DBAPIError) as error:
                log.warning("the other servers cannot be looked at: %s", error)
                with self._lock:
                    self._free_since.clear()
                if connection is not None:
                    connection.close()
                connection = None
        if connection is not None:
            connection.close()

    def _look(
        self, connection: psycopg.Connection[tuple[object, ...]], wanted: AbstractSet[str]
    ) -> AbstractSet[str]:
        """The dead ones of those that are wanted and asked for."""
        with self._lock:
            names = self._asked | wanted
        held, now = locks.held(connection, names), time.monotonic()
        with self._lock:
            for name in names:
                if name in held:
                    self._free_since.pop(name, None)
                    self._dead.discard(name)
                elif now - self._free_since.setdefault(name, now) >= self._grace_s:
                    self._dead.add(name)
            return self._dead & names
