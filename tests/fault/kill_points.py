"""Runs ``gitbot`` commands in processes that kill themselves at a counted boundary.

A boundary lies before and after each call that changes the cloud (at the wire, so follow-up calls
count too) and before and after each write of state. The program, run as
``python -m tests.fault.kill_points``, reads one JSON request a line::

    {"arguments": ["apply", "dev", ...], "kill_at": 3, "report": "/path/to/report.json"}

For each it forks, runs the real command line with the two wrappers below in its composition, and
answers with one JSON line: the exit status (negative: the signal). ``kill_at`` is the number of a
boundary, counted from 1 (0 kills nowhere), or the name of one, which kills the first time.
The report holds the names of the boundaries that were crossed, and what the command printed.
"""

from __future__ import annotations

import functools
import io
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from botocore.httpsession import URLLib3Session

from gitbot.cli import main as cli
from gitbot.cli import stacks
from gitbot.jobs import applying

WRITES = frozenset({"begin", "identify", "finish", "abandon", "put", "forget", "complete"})
READS = ("Describe", "Get", "List")


class Boundaries:
    """Counts the boundaries of one process and kills it at the chosen one."""

    def __init__(self, kill_at: int | str) -> None:
        self.crossed: list[str] = []
        self._kill_at = kill_at
        self._lock = threading.Lock()

    def cross(self, name: str) -> None:
        with self._lock:
            self.crossed.append(name)
            if self._kill_at in (len(self.crossed), name):
                os.kill(os.getpid(), signal.SIGKILL)

    def around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(call)
        def wrapped(*arguments: Any, **named: Any) -> Any:
            self.cross(f"before {name}")
            result = call(*arguments, **named)
            self.cross(f"after {name}")
            return result

        return wrapped


class KillingStore:
    """A ``StateStore`` with a boundary before and after each write."""

    def __init__(self, store: Any, boundaries: Boundaries) -> None:
        self._store = store
        self._boundaries = boundaries

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        return self._boundaries.around(f"state {name}", method) if name in WRITES else method


def kill_at_the_wire(boundaries: Boundaries) -> None:
    """A boundary before and after each HTTP request of boto3 that changes something."""
    send = URLLib3Session.send

    def sending(session: URLLib3Session, request: Any) -> Any:
        name = mutation(request)
        if name is None:
            return send(session, request)
        return boundaries.around(f"cloud {name}", send)(session, request)

    URLLib3Session.send = sending  # type: ignore[method-assign]


def mutation(request: Any) -> str | None:
    """What the request would change; None for a read."""
    body = request.body or b""
    text = body.decode(errors="replace") if isinstance(body, bytes) else str(body)
    action = parse_qs(text).get("Action", [""])[0]
    if action:
        return None if action.startswith(READS) else action
    if request.method in ("GET", "HEAD"):
        return None
    path, _, query = request.url.partition("?")
    return f"{request.method} bucket {query or path.rsplit('/', 1)[-1]}"


def run(arguments: list[str], kill_at: int | str, report: Path) -> None:
    """Run one command in this process; never returns."""
    boundaries = Boundaries(kill_at)
    kill_at_the_wire(boundaries)
    open_engine = stacks.open_engine

    @contextmanager
    def opened(*given: Any, **named: Any) -> Iterator[Any]:
        with open_engine(*given, **named) as inner:
            store = KillingStore(inner.engine.state, boundaries)
            yield replace(inner, engine=replace(inner.engine, state=store))

    stacks.open_engine = opened  # type: ignore[assignment]
    # Consent has tests of its own, and the local AWS shows at once what it has made.
    stacks.consent = lambda wanted, yes, digest: None  # type: ignore[assignment]
    applying.recover = functools.partial(applying.recover, window=timedelta(seconds=0.2))
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
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            run(request["arguments"], request["kill_at"], Path(request["report"]))
        _, status = os.waitpid(child, 0)
        sys.stdout.write(json.dumps(os.waitstatus_to_exitcode(status)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
