"""Writes what many threads bring at once in one transaction. Shell."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from gitbot.errors import TransientError

T = TypeVar("T")

APART_S = 0.02
"""A batch begins so long after the one before ended. What comes alone does not wait."""


def _taken() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock


@dataclass(slots=True)
class _Brought(Generic[T]):
    """What one thread brought. ``called`` is released when it is written, or is to be written by
    its own thread."""

    item: T
    called: threading.Lock = field(default_factory=_taken)
    writes: bool = False
    error: TransientError | None = None


class Batches(Generic[T]):
    """While one batch is written, what comes meanwhile is gathered for the next.

    A transaction costs a wait for the disk, which a batch pays once. One of the threads that brought
    something writes for all; each is called by itself, so that none waits for another one to wake.
    """

    def __init__(self, write: Callable[[Sequence[T]], None]) -> None:
        self._write = write
        self._gathered: list[_Brought[T]] = []
        self._busy = False
        self._lock = threading.Lock()
        self._free_at = time.monotonic()

    def add(self, item: T) -> None:
        """Write the item; returns when it is written.

        Raises:
            TransientError: it was not written.
        """
        mine = _Brought(item)
        with self._lock:
            self._gathered.append(mine)
            mine.writes, self._busy = not self._busy, True
        if not mine.writes:
            mine.called.acquire()
        if mine.writes:
            self._write_gathered()
        if mine.error is not None:
            raise mine.error

    def _write_gathered(self) -> None:
        time.sleep(max(0.0, self._free_at - time.monotonic()))
        with self._lock:
            batch, self._gathered = self._gathered, []
        error: TransientError | None = TransientError("The batch was not written.")
        try:
            self._write([one.item for one in batch])
            error = None
        except TransientError as refused:
            error = refused
        finally:
            self._free_at = time.monotonic() + APART_S
            self._call_next()
            for one in batch:
                one.error = error
                one.called.release()

    def _call_next(self) -> None:
        """Let a thread that waits write the next batch."""
        with self._lock:
            self._busy = bool(self._gathered)
            if self._busy:
                self._gathered[0].writes = True
                self._gathered[0].called.release()
