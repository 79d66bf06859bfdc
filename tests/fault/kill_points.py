"""Runs ``gitbot`` commands in processes that kill themselves at a counted boundary.

The boundaries are those of ``kill_boundaries``. The program, run as
``python -m tests.fault.kill_points``, reads one JSON request a line::

    {"arguments": ["apply", "dev", ...], "report": "/path/to/report.json", "kill_at": 3}

For each it forks, runs the real command line with the boundaries of its store, and
answers with one JSON line: the exit status (negative: the signal); before it, of a process that
stopped itself, ``{"stopped": process id}``. ``kill_at`` is the number of a
boundary, counted from 1 (0 kills nowhere), or the name of one, which kills the first time; ``tried``
and ``stop`` are those of ``Boundaries``. With ``lease_s`` the lease lasts so many seconds. The report holds the names of the boundaries that were crossed, and what the command printed.
"""

from __future__ import annotations

import functools
import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from gitbot.cli import main as cli
from gitbot.cli import stacks, turns
from gitbot.jobs.steps import apply_stack
from gitbot.model.places import BucketPlace, Place, PostgresPlace, SqlitePlace, place_of
from tests.fault.kill_boundaries import (
    Boundaries,
    KillingStore,
    kill_at_commits,
    kill_at_the_wire,
)
from tests.preload import preload


def _put(module: Any, name: str, value: Any) -> None:
    """Put something in the place of a name that must be there."""
    assert hasattr(module, name), f"{module.__name__} has no {name} any more"
    setattr(module, name, value)


def _count_writes_of_state(place: Place, boundaries: Boundaries, lease: timedelta) -> None:
    """Set the boundaries of the place, and those of the cloud."""
    kill_at_the_wire(boundaries, place.bucket if isinstance(place, BucketPlace) else "")
    if isinstance(place, PostgresPlace):
        kill_at_commits(boundaries)
    if not isinstance(place, SqlitePlace):
        return
    open_engine = stacks.open_engine

    @contextmanager
    def opened(*given: Any, **named: Any) -> Iterator[Any]:
        with open_engine(*given, **named) as inner:
            store = KillingStore(inner.engine.state, boundaries)
            yield replace(inner, engine=replace(inner.engine, state=store, lease_ttl=lease))

    _put(stacks, "open_engine", opened)


def run(request: dict[str, Any]) -> None:
    """Run one command in this process; never returns."""
    arguments, report = request["arguments"], Path(request["report"])
    tried = Path(request["tried"]) if "tried" in request else None
    boundaries = Boundaries(request.get("kill_at", 0), tried=tried, stop=request.get("stop", False))
    lease = timedelta(seconds=request.get("lease_s", 60))
    _count_writes_of_state(place_of(arguments[arguments.index("--store") + 1]), boundaries, lease)
    # Consent has tests of its own, and the local AWS shows at once what it has made.
    _put(turns, "ask_consent", lambda planned, yes, digest, unsettled: None)
    quick = functools.partial(apply_stack.recover, window=timedelta(seconds=0.2))
    _put(apply_stack, "recover", quick)
    printed = io.StringIO()
    status = 0
    with redirect_stdout(printed), redirect_stderr(printed):
        try:
            cli.main(arguments)
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
    report.write_text(json.dumps({"crossed": boundaries.crossed, "printed": printed.getvalue()}))
    os._exit(status)


def main() -> None:
    """Serve requests until standard input ends."""
    preload()
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            run(request)
        while True:
            _, status = os.waitpid(child, os.WUNTRACED)
            stopped = os.WIFSTOPPED(status)
            answer = {"stopped": child} if stopped else os.waitstatus_to_exitcode(status)
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()
            if not stopped:
                break


if __name__ == "__main__":
    main()
