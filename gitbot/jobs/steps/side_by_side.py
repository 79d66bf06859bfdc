"""Do something for the stacks of an environment, side by side where they do not need each other. Shell."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter
from typing import Any, Final

from gitbot.ports.telemetry import here

AT_ONCE: Final = 4
"""How many stacks of an environment are planned or applied at the same time."""


def side_by_side(
    edges: Mapping[str, Collection[str]], do: Callable[[str], None], *, at_once: int = AT_ONCE
) -> None:
    """Call ``do`` with each name once those that it is mapped to are done.

    At most ``at_once`` calls run at a time. After an error nothing more is begun, and the first error
    is raised once the calls that run have ended.
    """
    if len(edges) <= 1:
        for name in edges:
            do(name)
        return
    sorter = TopologicalSorter(edges)
    sorter.prepare()
    waiting: list[str] = []
    running: dict[Future[Any], str] = {}
    error: BaseException | None = None
    with ThreadPoolExecutor(at_once, thread_name_prefix="stack") as pool:
        while True:
            waiting += sorter.get_ready()
            while waiting and len(running) < at_once and error is None:
                name = waiting.pop(0)
                running[pool.submit(here(do), name)] = name
            if not running:
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                name = running.pop(future)
                error = error or future.exception()
                sorter.done(name)
    if error is not None:
        raise error
