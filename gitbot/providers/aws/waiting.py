"""Waiting for the cloud, with backoff and an end. Shell."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from datetime import datetime
from typing import TypeVar

from gitbot.errors import CloudError

T = TypeVar("T")

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
CONSISTENCY_S = 90.0
"""How long AWS may take until what one call made is seen by the next one."""


def wait_until(what: str, done: Callable[[], bool], deadline: datetime) -> None:
    """Ask ``done`` again and again until it says yes.

    Raises:
        CloudError: code ``Timeout``; ``deadline`` passed first. The message names ``what``.
    """
    pause_s = FIRST_PAUSE_S
    while not done():
        left_s = deadline.timestamp() - time.time()
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
    within_s: float = CONSISTENCY_S,
    containing: str = "",
) -> T:
    """The result of ``call``, tried again while it fails with one of ``codes`` (and a message
    that contains ``containing``): what AWS answers until the effect of an earlier call is seen.

    Raises the last error after ``within_s`` seconds or at ``deadline``, whichever is first.
    """
    end = min(deadline.timestamp(), time.time() + within_s)
    pause_s = FIRST_PAUSE_S
    while True:
        try:
            return call()
        except CloudError as error:
            if error.code not in codes or containing not in str(error) or time.time() >= end:
                raise
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.5, LONGEST_PAUSE_S)
