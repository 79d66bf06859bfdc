"""Writes what many threads bring at once in one transaction. Shell."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from gitbot.errors import TransientError

T = TypeVar("T")


@dataclass(slots=True)
class _Brought(Generic[T]):
    item: T
    written: bool = False
    error: TransientError | None = None


class Batches(Generic[T]):
    """While one batch is written, what comes meanwhile is gathered for the next.

    A transaction costs a wait for the disk, which a batch pays once.
    """

    def __init__(self, write: Callable[[Sequence[T]], None]) -> None:
        self._write = write
        self._gathered: list[_Brought[T]] = []
        self._gathering = threading.Lock()
        self._writing = threading.Lock()

    def add(self, item: T) -> None:
        """Write the item; returns when it is written.

        Raises:
            TransientError: it was not written.
        """
        mine = _Brought(item)
        with self._gathering:
            self._gathered.append(mine)
        with self._writing:
            if not mine.written:
                self._write_gathered()
        if mine.error is not None:
            raise mine.error

    def _write_gathered(self) -> None:
        with self._gathering:
            batch, self._gathered = self._gathered, []
        error: TransientError | None = TransientError("The batch was not written.")
        try:
            self._write([one.item for one in batch])
            error = None
        except TransientError as refused:
            error = refused
        finally:
            for one in batch:
                one.written, one.error = True, error
