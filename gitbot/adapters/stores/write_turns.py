"""Lets the threads of a process write to a SQLite file one after the other. Shell.

Left to SQLite, a thread that must wait sleeps for up to a tenth of a second, and whoever comes
just then goes first: https://www.sqlite.org/c3ref/busy_timeout.html
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import Dialect, Engine

from gitbot.errors import TransientError

# By dialect, which an engine shares with its copies for options.
_LOCKS: weakref.WeakKeyDictionary[Dialect, threading.RLock] = weakref.WeakKeyDictionary()
_looking = threading.Lock()


@contextmanager
def write_turn(engine: Engine, timeout_s: float) -> Iterator[None]:
    """Wait until no other thread of this process writes. Other databases than SQLite need no turns.

    Raises:
        TransientError: others wrote for that long.
    """
    if engine.dialect.name != "sqlite":
        yield
        return
    with _looking:
        lock = _LOCKS.setdefault(engine.dialect, threading.RLock())
    if not lock.acquire(timeout=timeout_s):
        raise TransientError(f"Others have been writing to the database for {timeout_s:g} seconds.")
    try:
        yield
    finally:
        lock.release()
