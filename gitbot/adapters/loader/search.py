"""Limits the time of looking for what kills the loader's child. Shell."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gitbot.adapters.loader.deaths import DiedError


class Search:
    """A search of at most so many seconds, ``left_s`` of them still, of which one step may take all and more.

    ``prepare`` makes a child ready. That takes long on a busy machine, so it does not count.
    """

    def __init__(self, most_s: float, prepare: Callable[[], None]) -> None:
        self.left_s = most_s
        self._prepare = prepare

    @contextmanager
    def takes(self) -> Iterator[None]:
        """Count the time of the block.

        Raises:
            DiedError: earlier steps used up the time, so that the block is not run.
        """
        if self.left_s <= 0:
            raise DiedError("loader-skipped", "has died too often in this load already")
        self._prepare()
        began = time.monotonic()
        try:
            yield
        finally:
            self.left_s -= time.monotonic() - began
