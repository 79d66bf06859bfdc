"""Make the local GitHub misbehave, and keep the log of calls made to it. Shell."""

from __future__ import annotations

import fnmatch
import threading
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, get_args

FaultKind = Literal[
    "rate_limit",
    "secondary_rate_limit",
    "server_error",
    "delay",
    "lost_reply",
    "lost_request",
    "late",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What goes wrong for calls whose method and path (below the API root) match.

    ``method`` and ``path`` are shell patterns (``*`` also spans slashes). The first ``skip``
    matching calls pass; then ``times`` calls are hit (None: all). ``lost_reply`` lets the call take
    effect and cuts the connection before the answer; ``lost_request`` cuts it before the effect; ``late`` cuts it at once, and the
    effect follows after ``delay_s``.
    ``status`` is the status of ``server_error`` and of the two limits (403 or 429).
    """

    kind: FaultKind
    method: str = "*"
    path: str = "*"
    times: int | None = 1
    skip: int = 0
    status: int | None = None
    retry_after_s: int | None = None
    delay_s: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in get_args(FaultKind):
            raise ValueError(f"unknown kind of fault {self.kind!r}: one of {get_args(FaultKind)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call that was made. ``path`` is below the API root for API calls."""

    at: datetime
    method: str
    path: str
    status: int
    login: str | None
    fault: str | None
    duration_s: float


@dataclass(slots=True)
class Faults:
    """The faults that are switched on, and the calls so far. Safe to use from any thread."""

    _faults: list[Fault] = field(default_factory=list)
    _calls: list[Call] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault) -> None:
        """Switch a fault on. When several match a call, the one switched on first acts."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Switch all faults off."""
        with self._lock:
            self._faults.clear()

    def active(self) -> tuple[Fault, ...]:
        """The faults that still have calls to meet."""
        with self._lock:
            return tuple(self._faults)

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that meets this call; counts the call."""
        with self._lock:
            for at, fault in enumerate(self._faults):
                if not fnmatch.fnmatchcase(method, fault.method):
                    continue
                if not fnmatch.fnmatchcase(path, fault.path):
                    continue
                if fault.skip:
                    self._faults[at] = replace(fault, skip=fault.skip - 1)
                    continue
                if fault.times is not None:
                    if fault.times <= 1:
                        del self._faults[at]
                    else:
                        self._faults[at] = replace(fault, times=fault.times - 1)
                return fault
        return None

    def log(self, call: Call) -> None:
        """Add a call to the log."""
        with self._lock:
            self._calls.append(call)

    def calls(self, method: str = "*", path: str = "*") -> tuple[Call, ...]:
        """The calls so far whose method and path match the patterns, oldest first."""
        with self._lock:
            return tuple(
                c
                for c in self._calls
                if fnmatch.fnmatchcase(c.method, method) and fnmatch.fnmatchcase(c.path, path)
            )

    def count(self) -> int:
        """How many calls are in the log."""
        with self._lock:
            return len(self._calls)

    def forget_calls(self) -> None:
        """Empty the log of calls."""
        with self._lock:
            self._calls.clear()
