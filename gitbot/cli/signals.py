"""End commands in order after Ctrl-C, ``kill`` and a closed terminal. Shell.

``docker stop``, ``timeout`` and CI services that cancel a job send SIGTERM, a terminal that is closed sends SIGHUP.
By default both end a process on the spot: what it has begun is not recorded, and its lease stays for its time.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType
from typing import Any, NoReturn, TypeAlias

_Handler: TypeAlias = Callable[[int, FrameType | None], Any]

_SOON_S = 0.05
_ENDED = (signal.SIGTERM, signal.SIGHUP)
_STOPPING = {
    signal.SIGINT: "stopping: running changes finish and are recorded; press again to abort",
    signal.SIGTERM: "stopping (SIGTERM): running changes finish and are recorded; Ctrl-C aborts",
    signal.SIGHUP: "stopping (SIGHUP): running changes finish and are recorded; SIGINT aborts",
}


@dataclass(slots=True)
class Interrupt:
    """Tells a walk to stop after the first signal: running changes finish, no new one starts."""

    by: int = 0

    def __call__(self) -> bool:
        """Whether somebody pressed Ctrl-C or ended the command."""
        return self.by != 0

    @property
    def exit_code(self) -> int:
        """What a shell gives for a process that a signal has ended."""
        return 128 + self.by


@contextmanager
def interruptible(interrupt: Interrupt) -> Iterator[None]:
    """Note the first signal in the block; a Ctrl-C after it ends the process on the spot.

    Threads may wait for replies then, for as long as a call may take. What they do is not recorded any more, as after
    SIGKILL: the intents stay, and the lease of a dead process is free on its machine, elsewhere after its time.
    Another SIGTERM changes nothing: who cancels a job sends SIGINT, and SIGTERM some seconds later.
    """

    def second(which: int, _: FrameType | None) -> None:
        _tell("aborted: the next apply first settles what was begun and is not recorded")
        os._exit(128 + which)

    def first(which: int, _: FrameType | None) -> None:
        if not interrupt():
            interrupt.by = which
            signal.signal(signal.SIGINT, second)
            _tell(_STOPPING[signal.Signals(which)])

    with _handled(dict.fromkeys(_STOPPING, first)):
        yield


def leave_now(code: int) -> NoReturn:
    """End the process, at once where a thread waits for a reply: Python would wait with it, for as long as a call may take."""
    here = threading.current_thread()
    if any(one is not here and not one.daemon for one in threading.enumerate()):
        with suppress(OSError, ValueError):
            sys.stdout.flush()
        os._exit(code)
    sys.exit(code)


@contextmanager
def ending_in_order(end: Callable[[int], NoReturn] = leave_now) -> Iterator[None]:
    """Leave the block also when the process is ended, so that what it holds is given back; then ``end`` the process."""
    ended: list[int] = []

    def leave(which: int, _: FrameType | None) -> None:
        if not ended:
            ended.append(which)
            raise _EndedError

    def again() -> None:
        os.kill(os.getpid(), ended.pop() if ended else signal.SIGINT)

    try:
        with _handled(dict.fromkeys(_ENDED, leave)), _noticing(again):
            yield
    except KeyboardInterrupt:
        ended = ended or [signal.SIGINT]
    if ended:
        _tell(f"ended by {signal.Signals(ended[0]).name}")
        end(128 + ended[0])


class _EndedError(KeyboardInterrupt):
    """A signal has ended the command."""


@contextmanager
def _noticing(again: Callable[[], None]) -> Iterator[None]:
    """Call ``again`` soon after Python has swallowed what a signal raised: no exception leaves a destructor or the callback
    of a weak reference, and a signal may come while one runs.
    """
    before, timers = sys.unraisablehook, list[threading.Timer]()

    def hook(ignored: sys.UnraisableHookArgs) -> None:
        if isinstance(ignored.exc_value, KeyboardInterrupt):
            timers.append(threading.Timer(_SOON_S, again))
            timers[-1].start()
        else:
            before(ignored)

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = before
        for timer in timers:
            timer.cancel()


@contextmanager
def _handled(handlers: Mapping[signal.Signals, _Handler]) -> Iterator[None]:
    """Handle these signals in the block; not those that are ignored, as under ``nohup``."""
    before: dict[signal.Signals, Any] = {}
    if threading.current_thread() is threading.main_thread():
        heard = {one: it for one, it in handlers.items() if signal.getsignal(one) != signal.SIG_IGN}
        before = {one: signal.signal(one, it) for one, it in heard.items()}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _tell(words: str) -> None:
    """Write a line on stderr. Where the terminal is gone, whatever is printed from now on goes nowhere.

    The signal may have come while this thread was printing: a buffered stream cannot be entered twice.
    """
    try:
        os.write(2, f"{words}\n".encode())
    except OSError:
        with suppress(OSError), open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
