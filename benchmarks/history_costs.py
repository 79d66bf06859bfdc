"""Measure one call: its time, calls to GitHub and statements to the database. Shell."""

from __future__ import annotations

import resource
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from benchmarks.history_world import HistoryWorld
from benchmarks.measuring import Figure


@contextmanager
def _statements() -> Iterator[list[str]]:
    """The SQL statements of this thread meanwhile, without those of the queue's threads."""
    made: list[str] = []
    asking = threading.get_ident()

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if threading.get_ident() == asking and not statement.startswith("BEGIN"):
            made.append(statement)

    sa.event.listen(Engine, "before_cursor_execute", note)
    try:
        yield made
    finally:
        sa.event.remove(Engine, "before_cursor_execute", note)


def _cpu_s() -> float:
    """Processor time of this process and of the git commands that have ended."""
    git = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + git.ru_utime + git.ru_stime


def once(here: HistoryWorld, ask: Callable[[], object], *, calls: bool) -> Figure:
    """What the call costs; with ``calls``, calls to GitHub are counted too."""
    before = here.project.github.calls() if calls else 0
    with _statements() as made:
        cpu_s, started = _cpu_s(), time.perf_counter()
        ask()
        wall_s, cpu_s = time.perf_counter() - started, _cpu_s() - cpu_s
    after = here.project.github.calls() - before if calls else None
    return Figure(wall_s=wall_s, cpu_s=cpu_s, calls=after, queries=len(made))


def median(figures: Sequence[Figure]) -> Figure:
    """The median of each time, and the counts of the last call."""
    return replace(
        figures[-1],
        wall_s=statistics.median(each.wall_s for each in figures),
        cpu_s=statistics.median(each.cpu_s or 0.0 for each in figures),
    )
