"""Queue jobs again that this process has begun and no thread of it runs any more. Shell."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from collections.abc import Set as AbstractSet

import sqlalchemy as sa

from gitbot.adapters.queue import rows

log = logging.getLogger(__name__)

GRACE_S, EVERY_S = 30.0, 5.0
"""A job is begun in the database a moment before its thread runs, and ends there a moment after."""


class Orphans:
    """Looks for such jobs again and again.

    DBOS leaves a job as running whose end it could not write, as when the database was restarted just
    then. Nobody else takes it over while this process lives, and it blocks its partition.
    """

    def __init__(
        self,
        engine: sa.Engine,
        executor_id: str,
        version: str,
        held: Callable[[], AbstractSet[str]],
        *,
        grace_s: float = GRACE_S,
        every_s: float = EVERY_S,
    ) -> None:
        """``held`` are the ids of the jobs that threads of this process run now."""
        self._engine = engine
        self._executor_id = executor_id
        self._version = version
        self._held = held
        self._grace_s = grace_s
        self._every_s = every_s
        self._since: dict[str, float] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="orphans", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(self._every_s):
            try:
                self._look()
            except sa.exc.DBAPIError as error:
                log.warning("jobs that no thread runs cannot be looked for: %s", error.orig)

    def _look(self) -> None:
        running = rows.running_of(self._engine, self._executor_id, self._version)
        now, held = time.monotonic(), self._held()
        self._since = {id_: self._since.get(id_, now) for id_ in running - held}
        lost = {id_ for id_, since in self._since.items() if now - since >= self._grace_s}
        if lost:
            log.warning("queueing again what no thread runs: %s", ", ".join(sorted(lost)))
            rows.requeue(self._engine, self._executor_id, lost)
