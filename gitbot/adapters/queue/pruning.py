"""Delete the rows of jobs that ended long ago. Shell."""

from __future__ import annotations

import logging
import math
import threading
import time

import sqlalchemy as sa
from dbos import DBOSClient

from gitbot.adapters.queue import rows

log = logging.getLogger(__name__)

PRUNE_EVERY_S = 6 * 3600.0


class Pruner:
    """Deletes the rows of jobs that ended longer than ``keep_s`` seconds ago."""

    def __init__(self, client: DBOSClient, engine: sa.Engine, keep_s: float) -> None:
        self._client = client
        self._engine = engine
        self._keep_s = keep_s
        self._lock = threading.Lock()
        self._pruned_at = -math.inf

    def prune_when_due(self) -> None:
        """Delete them, at most once in ``PRUNE_EVERY_S`` seconds; after a failure, try again next
        time."""
        with self._lock:
            if time.monotonic() - self._pruned_at < PRUNE_EVERY_S:
                return
            self._pruned_at = time.monotonic()
        before_ms = int((time.time() - self._keep_s) * 1000)
        try:
            while ids := rows.ended_before(self._engine, before_ms):
                self._client.delete_workflows(list(ids))
        except sa.exc.OperationalError as error:
            log.warning("old jobs were not deleted: %s", error.orig)
