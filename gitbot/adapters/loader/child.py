"""Starts, asks and ends one child process of the loader. Shell."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import Any

from gitbot.adapters.loader.deaths import UNREADABLE, DiedError, cause_of_death
from gitbot.adapters.loader_pipe import (
    EXIT_OVERSIZED,
    LOW_PRIORITY,
    WITH_SAM,
    FrameTooLargeError,
    read_frame,
    write_frame,
)
from gitbot.errors import InvariantError

_CHILD = ("-I", "-m", "gitbot.bootstrap.loader_child")
_START_TIMEOUT_S = 60.0


class Child:
    """One child process. Only one thread may use it at a time.

    One for unreviewed specs (``reviewed`` False) gives way to everything else on the machine. One with
    ``sam`` can read SAM templates, and takes seconds to start.
    """

    def __init__(self, *, reviewed: bool, sam: bool = False) -> None:
        self._is_ready = False
        self.requests = 0
        # An empty environment: no credentials, no proxies, nothing of the server's settings.
        self._process = subprocess.Popen(
            [
                sys.executable,
                *_CHILD,
                *(() if reviewed else (LOW_PRIORITY,)),
                *((WITH_SAM,) if sam else ()),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.defpath, "LANG": "C.UTF-8"},
            cwd="/",
            close_fds=True,
            start_new_session=True,  # Ctrl-C at the terminal must reach only the parent
        )

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    def ask(self, request: Mapping[str, Any], most_s: float) -> Mapping[str, Any]:
        """The answer to one request, in at most so many seconds. The first request waits until the child has started.

        Raises:
            DiedError: the child died or was killed. Do not use it again.
            InvariantError: the child does not start.
        """
        self.wait_until_ready()
        self.requests += 1
        return self._exchange(request, most_s)

    def kill(self) -> None:
        """Kill the process and reap it. Idempotent."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:
                    continue  # the process cannot read the rest any more

    def wait_until_ready(self) -> None:
        """Return when the child has started. Idempotent.

        Raises:
            InvariantError: the child does not start.
        """
        if self._is_ready:
            return
        try:
            self._exchange(None, _START_TIMEOUT_S)
        except DiedError as error:
            raise InvariantError(
                f"The loader's child process does not start: it {error}. If the machine is busy or short of "
                "memory, try again when it is not."
            ) from None
        self._is_ready = True

    def _exchange(self, request: Mapping[str, Any] | None, timeout_s: float) -> Mapping[str, Any]:
        late = threading.Event()

        def stop() -> None:
            late.set()
            self._process.kill()

        timer = threading.Timer(timeout_s, stop)
        timer.daemon = True
        timer.start()
        answer: Any = None
        oversized = unreadable = False
        try:
            answer = self._talk(request)
            unreadable = answer is not None and not isinstance(answer, dict)
        except OSError:
            answer = None
        except (ValueError, RecursionError):
            unreadable = True
        except FrameTooLargeError:
            oversized = True
        finally:
            timer.cancel()
        if isinstance(answer, dict) and "failed" not in answer:
            return answer
        self.kill()
        if oversized or self._process.returncode == EXIT_OVERSIZED:
            raise DiedError("loader-limit", "gave more data than gitbot accepts")
        if unreadable:
            raise DiedError("loader-failed", UNREADABLE)
        if isinstance(answer, dict):
            raise DiedError("loader-failed", f"failed: {str(answer['failed'])[:200]}")
        raise cause_of_death(self._process.returncode, late.is_set(), timeout_s)

    def _talk(self, request: Mapping[str, Any] | None) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        if request is not None:
            write_frame(self._process.stdin, request)
        return read_frame(self._process.stdout)
