"""Wait for the cloud, with growing pauses and a deadline. Shell.

The clock is passed in and must tell real time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from datetime import datetime
from typing import TypeVar

from gitbot.errors import CloudError
from gitbot.ports.time import Clock

T = TypeVar("T")

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
CONSISTENCY_S = 90.0
"""How long AWS may take until a call sees what an earlier one made."""


def wait_until(what: str, done: Callable[[], bool], deadline: datetime, clock: Clock) -> None:
    """Call ``done`` again and again until it returns True.

    Raises:
        CloudError: ``deadline`` passed first (code ``Timeout``). The message names ``what``.
    """
    pause_s = FIRST_PAUSE_S
    while not done():
        left_s = (deadline - clock.now()).total_seconds()
        if left_s <= 0:
            raise CloudError(
                f"gave up waiting for {what}; it may still happen. Apply again to go on.",
                code="Timeout",
            )
        time.sleep(min(pause_s, left_s))
        pause_s = min(pause_s * 1.5, LONGEST_PAUSE_S)


def eventually(
    call: Callable[[], T],
    *,
    codes: Collection[str],
    deadline: datetime,
    clock: Clock,
    within_s: float = CONSISTENCY_S,
    containing: str = "",
) -> T:
    """The result of ``call``, repeated while AWS has not seen the effect of an earlier call.

    A call is repeated if it fails with one of ``codes`` and a message that contains ``containing``.
    Raises the last error after ``within_s`` seconds or at ``deadline``, whichever is first.
    """
    began = clock.now()
    pause_s = FIRST_PAUSE_S
    while True:
        try:
            return call()
        except CloudError as error:
            now = clock.now()
            over = now >= deadline or (now - began).total_seconds() >= within_s
            if error.code not in codes or containing not in str(error) or over:
                raise
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.5, LONGEST_PAUSE_S)
