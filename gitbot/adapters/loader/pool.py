"""Keeps child processes ready; those for reviewed specs are separate. Shell."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from gitbot.adapters.loader.child import Child
from gitbot.adapters.loader.deaths import DiedError
from gitbot.errors import InvariantError
from gitbot.ports.telemetry import Metric, count

_MOST_REQUESTS = 500


class ChildPool:
    """Lends children to requests: at most ``children`` of each trust at a time. Thread-safe.

    A child that has seen unreviewed specs never gets reviewed ones. So if a pull request breaks out
    of the expression language, it still cannot change what is applied. Reviewed specs never wait
    for unreviewed ones either: each trust has slots of its own, and children for unreviewed specs
    run at a lower priority.
    """

    def __init__(self, *, children: int, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._slots = {reviewed: threading.BoundedSemaphore(children) for reviewed in (True, False)}
        self._children = children
        self._lock = threading.Lock()
        self._idle: dict[tuple[bool, bool], list[Child]] = {}
        self._busy = Counter[bool]()
        self._is_closed = False

    def start_one(self) -> None:
        """Start a child for reviewed specs, so that it is ready for the first request."""
        with self._lock:
            self._of(True, False).append(Child(reviewed=True))

    def close(self) -> None:
        """End the idle children; busy ones end with their request. Idempotent."""
        with self._lock:
            self._is_closed = True
            idle = [child for children in self._idle.values() for child in children]
            self._idle = {}
        for child in idle:
            child.kill()

    def idle_pids(self, *, reviewed: bool) -> tuple[int, ...]:
        """The ids of the idle children for reviewed specs, or of those for others."""
        with self._lock:
            return tuple(
                child.pid
                for (trust, _), children in self._idle.items()
                for child in children
                if trust is reviewed
            )

    def children(self) -> Mapping[str, int]:
        """How many children there are, idle and busy, of each trust."""
        with self._lock:
            found = Counter(self._busy)
            for (reviewed, _), idle in self._idle.items():
                found[reviewed] += len(idle)
        return {trust_of(reviewed): found[reviewed] for reviewed in (True, False)}

    def start(self, *, reviewed: bool, sam: bool = False) -> None:
        """Return when a child has started, so that the next request need not wait for it.

        Raises:
            InvariantError: the pool is closed, or no child starts.
        """
        with self._lent(reviewed, sam) as child:
            child.wait_until_ready()

    def ask(
        self,
        request: Mapping[str, Any],
        *,
        reviewed: bool,
        sam: bool = False,
        most_s: float | None = None,
    ) -> Mapping[str, Any]:
        """The answer of a child; of one that can read SAM templates, where ``sam`` says so.

        It has ``timeout_s``, or less where ``most_s`` says so.

        Raises:
            DiedError: the request killed the child.
            InvariantError: the pool is closed, or no child starts.
        """
        with self._lent(reviewed, sam) as child:
            return child.ask(request, min(self._timeout_s, most_s or self._timeout_s))

    @contextmanager
    def _lent(self, reviewed: bool, sam: bool) -> Iterator[Child]:
        with self._slots[reviewed]:
            with self._lock:
                if self._is_closed:
                    raise InvariantError("the loader is closed")
                idle = self._of(reviewed, sam)
                child = idle.pop() if idle else None
                self._busy[reviewed] += 1
            try:
                child = child or Child(reviewed=reviewed, sam=sam)
                with _killed_by_errors(child, reviewed):
                    yield child
                self._take_back(child, reviewed, sam)
            finally:
                with self._lock:
                    self._busy[reviewed] -= 1

    def _of(self, reviewed: bool, sam: bool) -> list[Child]:
        """The idle children of this trust and kind. Hold the lock."""
        return self._idle.setdefault((reviewed, sam), [])

    def _take_back(self, child: Child, reviewed: bool, sam: bool) -> None:
        """Keep the child for the next request, unless it is old or enough children are idle."""
        with self._lock:
            idle = self._of(reviewed, sam)
            is_fresh = child.requests < _MOST_REQUESTS and len(idle) < self._children
            keep = not self._is_closed and is_fresh
            if keep:
                idle.append(child)
        if not keep:
            child.kill()


@contextmanager
def _killed_by_errors(child: Child, reviewed: bool) -> Iterator[None]:
    """End the child when the block fails: nobody knows what it would answer next."""
    try:
        yield
    except BaseException as error:
        child.kill()
        if isinstance(error, DiedError):
            count(Metric.LOADER_DEATHS, trust=trust_of(reviewed))
        raise


def trust_of(reviewed: bool) -> str:
    """The word for metrics."""
    return "reviewed" if reviewed else "unreviewed"
