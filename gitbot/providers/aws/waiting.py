"""Wait for the cloud, with growing pauses, a deadline and a heartbeat. Shell.

The clock is passed in and must tell real time. While a mutation waits, its ``watch`` is told every
``HEARTBEAT_S`` seconds what it waits for, so that nobody looks at silence.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from gitbot.errors import CloudError
from gitbot.model.cloud import NEVER_READY, Operation, unwatched
from gitbot.ports.time import Clock
from gitbot.providers.aws.passing import Stage
from gitbot.providers.aws.refusals import means, passing

T = TypeVar("T")

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
HEARTBEAT_S = 30.0
CONSISTENCY_S = 30.0
"""How long AWS may take until a call sees what an earlier one made."""


_WATCHES = threading.local()


@contextmanager
def heard_by(operation: Operation) -> Iterator[None]:
    """Let the operation's ``watch`` hear of every call that botocore repeats in this thread."""
    _WATCHES.watch = operation.watch
    try:
        yield
    finally:
        del _WATCHES.watch


def tell_repeated(text: str) -> None:
    """Tell the watch of this thread's operation, if it has one, why a call is repeated."""
    watch: Callable[[str], None] = getattr(_WATCHES, "watch", unwatched)
    watch(text)


@dataclass(slots=True)
class Wait:
    """A thread that looks again and again. An answer of the time ``since`` (monotonic) is as good to it as a new one.

    It has had no look of its own between that time and now. ``over`` are called when the wait is, by what they are about.
    """

    since: float = float("inf")
    over: dict[Hashable, Callable[[], None]] = field(default_factory=dict)


_WAITS = threading.local()


def wait_of_thread() -> Wait | None:
    """The wait of this thread, if it waits."""
    wait: Wait | None = getattr(_WAITS, "wait", None)
    return wait


@contextmanager
def _waiting() -> Iterator[Wait]:
    outer, _WAITS.wait = wait_of_thread(), Wait()
    wait: Wait = _WAITS.wait
    try:
        yield wait
    finally:
        _WAITS.wait = outer
        for over in wait.over.values():
            over()


@dataclass(slots=True)
class Patience:
    """The pauses of one wait, and its heartbeat."""

    operation: Operation
    clock: Clock
    began: datetime = field(init=False)
    _told: datetime = field(init=False)
    _pause_s: float = FIRST_PAUSE_S

    def __post_init__(self) -> None:
        self.began = self._told = self.clock.now()

    def is_over(self, within_s: float = float("inf")) -> bool:
        """Whether ``within_s`` seconds have passed since the wait began, or its deadline."""
        now = self.clock.now()
        return now >= self.operation.deadline or (now - self.began).total_seconds() >= within_s

    def pause(self, why: str, until: datetime | None = None) -> None:
        """Sleep a little, at least until ``until``; says ``why`` when it is time for a heartbeat."""
        now = self.clock.now()
        if (now - self._told).total_seconds() >= HEARTBEAT_S:
            self._told = now
            self.operation.watch(why)
        left_s = (self.operation.deadline - now).total_seconds()
        asked_s = 0.0 if until is None else (until - now).total_seconds()
        time.sleep(max(0.0, min(max(self._pause_s, asked_s), left_s)))
        self._pause_s = min(self._pause_s * 1.5, LONGEST_PAUSE_S)


def wait_until(
    what: str,
    done: Callable[[], bool],
    operation: Operation,
    clock: Clock,
    meanwhile: Callable[[], str] = str,
) -> None:
    """Call ``done`` again and again until it returns True.

    ``meanwhile`` returns what people must do until then, as a sentence that the heartbeat tells, too.

    Raises:
        CloudError: the operation's deadline passed first (code ``Timeout``). The message names
            ``what``.
    """
    with _waiting() as wait:
        if done():
            return
        patience = Patience(operation, clock)
        while not patience.is_over():
            paused = time.monotonic()
            patience.pause(" ".join(filter(None, (f"waiting for {what}", meanwhile()))))
            wait.since = (paused + time.monotonic()) / 2
            if done():
                return
    asked = f"{meanwhile()} ".lstrip()
    raise CloudError(
        f"gave up waiting for {what}; it may still happen. {asked}Apply again to go on; "
        "`lifecycle.timeouts` says how long gitbot waits.",
        code=NEVER_READY,
    )


def patiently(
    call: Callable[[], T],
    *,
    service: str,
    stage: Stage,
    operation: Operation,
    clock: Clock,
    lags: Callable[[CloudError, float], bool] = lambda error, within_s: True,
) -> T:
    """The result of ``call``, repeated as long as AWS refuses it with what passes by itself.

    ``call`` must be safe to repeat after a refusal. ``lags`` is asked at the first refusal that can come of something
    new of IAM's whether there is anything new, within so many seconds. Raises the last refusal when its time in the
    table of ``refusals`` has passed, or the operation's deadline.
    """
    patience: Patience | None = None
    while True:
        try:
            return call()
        except CloudError as error:
            row = passing(service, error, stage)
            if row is None:
                raise
            if patience is None and row.of_iam and not lags(error, row.within_s):
                raise
            patience = patience or Patience(operation, clock)
            if patience.is_over(row.within_s):
                raise CloudError(
                    f"{error} gitbot tried it again for {row.within_s:.0f} seconds, because "
                    f"{row.why}.",
                    code=error.code,
                    call=error.call,
                ) from error
            why = f"AWS refuses still, because {row.why}: {error}"
        patience.pause(why)


def eventually(
    call: Callable[[], T], *, codes: Collection[str], operation: Operation, clock: Clock
) -> T:
    """The result of ``call``, repeated while it fails with one of ``codes``: what is in the way may
    be about to disappear. Raises the last error after ``CONSISTENCY_S`` seconds."""
    patience: Patience | None = None
    while True:
        try:
            return call()
        except CloudError as error:
            patience = patience or Patience(operation, clock)
            if not means(error, codes) or patience.is_over(CONSISTENCY_S):
                raise
            why = str(error)
        patience.pause(why)
