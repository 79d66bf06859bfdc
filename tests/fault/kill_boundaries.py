"""Boundaries at which a process can kill or stop itself: each change of the cloud and each write of state.

Calls that change the cloud are counted at the wire, so that follow-up calls count too. A write of state is,
by the store, a call of the port that writes (SQLite), a commit that changes something (PostgreSQL), or a
request that changes an object of the store's bucket (S3).
"""

from __future__ import annotations

import functools
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from botocore.httpsession import URLLib3Session
from sqlalchemy.engine.default import DefaultDialect

from gitbot.model.names import StackId
from gitbot.model.recorded import Intent, Lease, RecordedStack

WRITES = frozenset(
    {
        "begin",
        "identify",
        "receive",
        "finish",
        "abandon",
        "put",
        "forget",
        "look_up",
        "give",
        "rename",
        "complete",
    }
)
READS = ("Describe", "Get", "List")


class Boundaries:
    """Counts the boundaries of one process and kills it at the chosen one.

    ``kill_at`` is the number of a boundary, or its name. ``tried``: a file with names, a line each;
    the process is killed at the first boundary that is not among them, and adds it. There a name says also
    which resource was in work, so that one death follows the other until no boundary is new. ``stop``: the process
    is not killed but stopped, until somebody lets it go on.
    """

    def __init__(
        self, kill_at: int | str, *, tried: Path | None = None, stop: bool = False
    ) -> None:
        self.crossed: list[str] = []
        self.subject = ""
        self._kill_at = kill_at
        self._file = tried
        self._tried = {*tried.read_text().splitlines()} if tried is not None else set()
        self._signal = signal.SIGSTOP if stop else signal.SIGKILL
        self._lock = threading.Lock()

    def cross(self, name: str) -> None:
        with self._lock:
            self.crossed.append(name)
            if self._kill_at in (len(self.crossed), name) or self._is_new(name):
                os.kill(os.getpid(), self._signal)

    def _is_new(self, name: str) -> bool:
        told = f"{name} {self.subject}".rstrip()
        if self._file is None or told in self._tried:
            return False
        self._tried.add(told)
        with self._file.open("a") as file:
            file.write(f"{told}\n")
        return True

    def around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(call)
        def wrapped(*arguments: Any, **named: Any) -> Any:
            self.cross(f"before {name}")
            result = call(*arguments, **named)
            self.cross(f"after {name}")
            return result

        return wrapped


class KillingStore:
    """A ``StateStore`` with a boundary before and after each write, that tells which resource is in work."""

    def __init__(self, store: Any, boundaries: Boundaries) -> None:
        self._store = store
        self._boundaries = boundaries

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        if name in WRITES:
            method = self._boundaries.around(f"state {name}", method)
        return self._begin(method) if name == "begin" else method

    def _begin(self, begin: Callable[..., RecordedStack]) -> Callable[..., RecordedStack]:
        def begun(lease: Lease, stack: StackId, lineage: str, intent: Intent) -> RecordedStack:
            self._boundaries.subject = str(intent.address)
            return begin(lease, stack, lineage, intent)

        return begun


def kill_at_the_wire(boundaries: Boundaries, bucket: str = "") -> None:
    """A boundary before and after each HTTP request of boto3 that changes something.

    ``bucket`` is the one that state is kept in, if it is.
    """
    send = URLLib3Session.send

    def sending(session: URLLib3Session, request: Any) -> Any:
        name = mutation(request)
        if name is None:
            return send(session, request)
        _, at, rest = f"{urlsplit(request.url).path}/".split("/", 2)
        what = f"state {request.method} {rest}" if bucket and at == bucket else f"cloud {name}"
        return boundaries.around(what, send)(session, request)

    URLLib3Session.send = sending  # type: ignore[method-assign]


def kill_at_commits(boundaries: Boundaries) -> None:
    """A boundary before and after each commit in PostgreSQL that changes something."""
    commit = DefaultDialect.do_commit

    def committing(dialect: DefaultDialect, connection: Any) -> None:
        # https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SNAPSHOT
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id_if_assigned()")
            (writes,) = cursor.fetchone()
        if writes is None:
            commit(dialect, connection)
        else:
            boundaries.around("state commit", commit)(dialect, connection)

    DefaultDialect.do_commit = committing  # type: ignore[method-assign]


def mutation(request: Any) -> str | None:
    """What the request would change; None for a read. Opening a secret counts, for what follows."""
    target = _text(request.headers.get("X-Amz-Target"))
    if target:
        name = target.rpartition(".")[2]
        opens = name in ("GetParameter", "GetSecretValue")
        return name if opens or not name.startswith(READS) else None
    body = request.body or b""
    text = body.decode(errors="replace") if isinstance(body, bytes) else str(body)
    action = parse_qs(text).get("Action", [""])[0]
    if action:
        return None if action.startswith(READS) else action
    if request.method in ("GET", "HEAD"):
        return None
    path, _, query = request.url.partition("?")
    return f"{request.method} bucket {query or path.rsplit('/', 1)[-1]}"


def _text(header: bytes | str | None) -> str:
    return header.decode() if isinstance(header, bytes) else header or ""
