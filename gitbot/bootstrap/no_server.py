"""Make sure that no server uses a store. Shell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gitbot.adapters.snapshot_file import QUEUE, STORE
from gitbot.errors import UserError
from gitbot.model.places import BucketPlace, Place, SqlitePlace


@contextmanager
def no_server(place: Place) -> Iterator[None]:
    """Keep servers away from the folder of a file while the block lasts; at PostgreSQL, look once whether one runs.

    Raises:
        UserError: one runs.
    """
    if isinstance(place, BucketPlace) or (
        isinstance(place, SqlitePlace) and place.path.name != STORE
    ):
        yield  # no server has its store there
        return
    if isinstance(place, SqlitePlace):
        from gitbot.adapters.queue.lock import FileLock

        lock = FileLock(place.path.absolute().with_name(QUEUE))
        lock.take()
        try:
            yield
        finally:
            lock.release()
        return
    from gitbot.adapters.queue.locks import serving

    if running := serving(place.where):
        servers = "A server of gitbot runs" if running == 1 else f"{running} servers of gitbot run"
        raise UserError(f"{servers} at {place}: stop all of them first")
    yield
