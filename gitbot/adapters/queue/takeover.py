"""Take over or cancel the rows that other processes left unfinished. Shell."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet

import sqlalchemy as sa
from dbos import DBOS, DBOSClient

from gitbot.adapters.queue import rows

log = logging.getLogger(__name__)


def cancel_other_versions(engine: sa.Engine, version: str) -> None:
    """Cancel the unfinished rows that other versions of gitbot queued, while none of them lives.

    Call it before the launch. This version cannot read those rows, and a row that nobody runs blocks its
    partition for ever. Cancelling loses nothing. A job only wakes gitbot, which then reads how things
    are. Every start enqueues a sweep, which wakes what is left to do. Commands are rows of the other
    database, and the sweep wakes them too.
    """
    _tell(rows.cancel_other_versions(engine, version))


def cancel_version(engine: sa.Engine, version: str) -> None:
    """Cancel the unfinished rows of that version, of which no process lives any more.

    The next regular sweep wakes what they were for.
    """
    _tell(rows.cancel_version(engine, version))


def _tell(ids: Sequence[str]) -> None:
    if ids:
        log.warning(
            "cancelled %d jobs that another version of gitbot queued; the sweep wakes what they"
            " were for: %s",
            len(ids),
            ", ".join(ids),
        )


def drop_other_queues(client: DBOSClient, names: AbstractSet[str]) -> None:
    """Drop the queues that no lane has any more: DBOS polls every queue that it knows."""
    for queue in client.list_queues():
        if queue.name not in names:
            client.delete_queue(queue.name)


def recover(dead: Collection[str]) -> None:
    """Queue the jobs again that ran in these dead processes. Call it after the launch.

    DBOS itself recovers only the jobs of its own executor id, which differs in each process. Several
    processes may ask for one dead process at once: each row is taken by one of them.
    """
    if dead:
        # This method is private, but no other call keeps a row's queue and partition and leaves a row
        # alone that another executor has taken meanwhile.
        DBOS._recover_pending_workflows(sorted(dead))
