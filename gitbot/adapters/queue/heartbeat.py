"""Shows the other servers of a database that this one lives, and ends it when it cannot. Shell."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

import psycopg

from gitbot.adapters.queue import locks
from gitbot.errors import UserError

log = logging.getLogger(__name__)

Connection = psycopg.Connection[tuple[object, ...]]


class Heartbeat:
    """Holds the lock of this process, and calls ``lost`` when it could not for ``fence_s`` seconds.

    The others take over the jobs of a process whose lock was free for longer than that. So a process that
    was cut off has ended before they do. ``lost`` must end the process and what it started; it is called
    in a thread of its own, once.
    """

    def __init__(
        self,
        url: str,
        name: str,
        *,
        shared: Sequence[str] = (),
        lost: Callable[[], None],
        fence_s: float = 6.0,
    ) -> None:
        """``shared`` are locks that it holds beside other processes, such as that of its version."""
        self._url = url
        self._name = name
        self._shared = shared
        self._lost = lost
        self._fence_s = fence_s
        self._every_s = fence_s / 6
        self._stopping = threading.Event()
        self._connection: Connection | None = None
        self._held_at = time.monotonic()
        self._threads = [
            threading.Thread(target=work, name=work.__name__.strip("_"), daemon=True)
            for work in (self._beat, self._watch)
        ]

    @property
    def held_ago_s(self) -> float:
        """Seconds since the lock was known to be held."""
        return time.monotonic() - self._held_at

    def start(self) -> None:
        """Take the lock and keep it.

        Raises:
            UserError: another process has it, or the database cannot be reached directly.
        """
        try:
            locks.check_direct(self._url)
            self._connection = self._take()
        except psycopg.Error as error:
            raise UserError(f"The database does not answer: {error}") from error
        if self._connection is None:
            raise UserError(f"Another gitbot of the name {self._name} uses this database.")
        self._held_at = time.monotonic()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Give the lock back."""
        self._stopping.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()
        self._close()

    def _beat(self) -> None:
        while not self._stopping.wait(self._every_s):
            try:
                if self._connection is None:
                    self._connection = self._take()
                else:
                    self._connection.execute("SELECT 1")
            except psycopg.Error as error:
                log.warning("the lock of this server is not held: %s", error)
                self._close()
            if self._connection is not None:
                self._held_at = time.monotonic()

    def _watch(self) -> None:
        """Look from a thread of its own: a call to a database that is gone may never return."""
        while not self._stopping.wait(self._every_s / 4):
            if time.monotonic() - self._held_at > self._fence_s:
                log.critical(
                    "the lock of this server could not be held for %g s: another one takes over its "
                    "jobs soon, so it ends",
                    self._fence_s,
                )
                self._lost()
                return

    def _take(self) -> Connection | None:
        """A connection that holds the locks; None while another one still has that of this process."""
        connection = locks.connect(self._url)
        try:
            if not locks.try_take(connection, self._name):
                connection.close()
                return None
            for name in self._shared:
                locks.share(connection, name)
        except BaseException:
            connection.close()
            raise
        return connection

    def _close(self) -> None:
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
            self._connection = None
