"""Tell on stderr that long work goes on, while it says nothing itself. Shell."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from gitbot.cli.common import note

TOLD_AFTER_S = 2.0
TOLD_EACH_S = 10.0


@contextmanager
def telling(
    doing: str, *, after_s: float | None = None, each_s: float = TOLD_EACH_S
) -> Iterator[None]:
    """Say what is being done, and for how long, while the block lasts: at a terminal after two seconds.

    A log is told later, so that usual work leaves it as it is.
    """
    first_s = after_s or (TOLD_AFTER_S if sys.stderr.isatty() else each_s)
    ended = threading.Event()
    told = (doing, ended, first_s, each_s)
    teller = threading.Thread(target=_tell, args=told, name=doing, daemon=True)
    teller.start()
    try:
        yield
    finally:
        ended.set()
        teller.join()


def _tell(doing: str, ended: threading.Event, first_s: float, each_s: float) -> None:
    began, pause_s = time.monotonic(), first_s
    while not ended.wait(pause_s):
        note(f"{doing} ({time.monotonic() - began:.0f} s) …")
        pause_s = each_s
