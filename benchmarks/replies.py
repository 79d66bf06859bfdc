"""Answer a plan's calls with the replies that the local AWS gave before, many at a time. Shell.

The local AWS is one process of Python and serves one call after the other, so that the time of a plan says how fast it
is, and not how fast gitbot reads. ``python -m benchmarks.replies URL`` stands before it: it passes on each request that
it has not seen, keeps the reply, and gives that to the same request from then on, late if it is asked to be.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self, TypeAlias

Key: TypeAlias = tuple[str, str, str, str, bytes]
Reply: TypeAlias = tuple[int, Mapping[str, str], bytes]

_SCOPE = re.compile(r"Credential=[^/]+/\d+/([^/]+/[^/]+)/")
_OURS = "/_replies/"
_HOP = frozenset({"connection", "transfer-encoding", "content-length", "server", "date"})


class Replies:
    """The process that answers, before a local AWS at ``url``."""

    def __init__(self, url: str) -> None:
        self._upstream = url

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.replies", self._upstream],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait(timeout=20)

    @contextmanager
    def slow(self, seconds: float) -> Iterator[None]:
        """Wait so long before each reply."""
        self._ask("delay", str(seconds))
        yield
        self._ask("delay", "0")

    def counted(self) -> Mapping[str, Any]:
        """Of the calls since the last time: how many, how many were passed on, and the seconds from first to last."""
        found: Mapping[str, Any] = json.loads(self._ask("count"))
        return found

    def _ask(self, what: str, body: str = "") -> bytes:
        with urllib.request.urlopen(f"{self.url}{_OURS}{what}", body.encode(), timeout=60) as reply:
            return bytes(reply.read())


@dataclass(slots=True)
class _Kept:
    """The replies by request, and the calls since the last count."""

    upstream: str
    replies: dict[Key, Reply] = field(default_factory=dict)
    delay_s: float = 0.0
    began_s: list[float] = field(default_factory=list)
    ended_s: list[float] = field(default_factory=list)
    passed_on: int = 0

    def reply_to(self, key: Key, headers: Mapping[str, str]) -> Reply:
        """The kept reply; else that of the local AWS, which is kept."""
        found = self.replies.get(key)
        if found is None:
            self.passed_on += 1
            found = self.replies[key] = self._passed_on(key, headers)
        return found

    def _passed_on(self, key: Key, headers: Mapping[str, str]) -> Reply:
        method, path, *_, body = key
        sent = {name: value for name, value in headers.items() if name.lower() not in _HOP}
        request = urllib.request.Request(
            f"{self.upstream}{path}", body or None, sent, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return reply.status, dict(reply.headers), reply.read()
        except urllib.error.HTTPError as refused:
            return refused.code, dict(refused.headers), refused.read()

    def count(self) -> Mapping[str, Any]:
        """The count since the last one, and begin a new one."""
        told = {
            "calls": len(self.began_s),
            "passed_on": self.passed_on,
            "took_s": max(self.ended_s) - min(self.began_s) if self.ended_s else 0.0,
        }
        self.began_s, self.ended_s, self.passed_on = [], [], 0
        return told


def serve(upstream: str) -> None:
    """Serve until the process is ended, and print the address."""
    kept = _Kept(upstream=upstream)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16
        disable_nagle_algorithm = True

        def handle_any(self) -> None:
            began = time.perf_counter()
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path.startswith(_OURS):
                self._answer(200, {}, _tell(kept, self.path.removeprefix(_OURS), body))
                return
            signed = _SCOPE.search(self.headers.get("Authorization") or "")
            target = self.headers.get("X-Amz-Target") or ""
            key = (self.command, self.path, target, signed[1] if signed else "", body)
            reply = kept.reply_to(key, dict(self.headers))
            if kept.delay_s:
                time.sleep(kept.delay_s)
            self._answer(*reply)
            if signed and not signed[1].endswith("/sts"):
                kept.began_s.append(began)
                kept.ended_s.append(time.perf_counter())

        do_GET = do_POST = do_HEAD = do_PUT = do_DELETE = handle_any

        def _answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers.items():
                if name.lower() not in _HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)
            self.wfile.flush()

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: the count is asked for."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    with Server(("127.0.0.1", 0), Handler) as server:
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()


def _tell(kept: _Kept, what: str, body: bytes) -> bytes:
    if what == "delay":
        kept.delay_s = float(body)
        return b""
    return json.dumps(kept.count()).encode()


if __name__ == "__main__":
    serve(sys.argv[1])
