"""Run several servers of one sandbox on one database, behind a balancer. Shell."""

from __future__ import annotations

import itertools
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from gitbot.errors import UserError
from gitbot_sandbox.sandbox import START_S, Sandbox, free_port

_CONNECT_S = 1.0
_BYTES = 65536


class Member:
    """One server of a fleet: a process, its folder and its log. It can be killed and started again."""

    def __init__(self, sandbox: Sandbox, name: str, environ: Mapping[str, str]) -> None:
        self.name = name
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environ = {
            **sandbox.server_environ(),
            "GITBOT_DATA": str(sandbox.root / name),
            "GITBOT_LISTEN": f"127.0.0.1:{self.port}",
            **environ,
        }
        self._log = sandbox.root / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.was_killed = False

    def launch(self) -> None:
        """Start the process."""
        self.was_killed = False
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gitbot_sandbox.tied", "gitbot", "serve"],
                env=self._environ,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_ready(self) -> None:
        """Wait until the server listens. Raises UserError when it ended or does not answer."""
        deadline = time.monotonic() + START_S
        while not self._is_ready():
            if not self.is_alive or time.monotonic() > deadline:
                raise UserError(f"{self.name} did not start:\n{self.log_text()[-3000:]}")
            time.sleep(0.05)

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process. Raises UserError when there is none."""
        if self._process is None:
            raise UserError(f"{self.name} is not running")
        return self._process.pid

    def kill(self) -> None:
        """Kill the process with SIGKILL."""
        self.was_killed = True
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self, timeout_s: float = 60.0) -> int:
        """Stop the server as an operator does; its exit status. Killed if it takes too long."""
        if self._process is None:
            return 0
        if self.is_alive:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def log_text(self) -> str:
        """Everything that the server has logged so far."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=1) as reply:
                return bool(reply.status == 200)
        except (urllib.error.URLError, OSError):
            return False


class Fleet:
    """Servers on the PostgreSQL database at ``url``, and a balancer at the sandbox's own address."""

    def __init__(
        self, sandbox: Sandbox, url: str, count: int, environ: Mapping[str, str] | None = None
    ) -> None:
        more = {"GITBOT_DATABASE": url, **(environ or {})}
        self.members: Sequence[Member] = tuple(
            Member(sandbox, f"server{number}", more) for number in range(1, count + 1)
        )
        self._balancer = Balancer(sandbox.server_port, [one.port for one in self.members])

    def __enter__(self) -> Self:
        """Start all servers side by side."""
        self._balancer.start()
        try:
            for one in self.members:
                one.launch()
            for one in self.members:
                one.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End all servers."""
        for one in self.members:
            one.kill()
        self._balancer.stop()


class Balancer:
    """Passes each connection on to the next of the ports that takes it."""

    def __init__(self, port: int, ports: Sequence[int]) -> None:
        self._socket = socket.create_server(("127.0.0.1", port), backlog=128)
        self._turns = itertools.cycle(range(len(ports)))
        self._ports = ports
        self._thread = threading.Thread(target=self._accept, name="balancer", daemon=True)

    def start(self) -> None:
        """Begin to take connections."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more connections."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        with client:
            server = self._connect()
            if server is None:
                return
            with server:
                back = threading.Thread(target=_copy, args=(server, client), daemon=True)
                back.start()
                _copy(client, server)
                back.join()

    def _connect(self) -> socket.socket | None:
        first = next(self._turns)
        for number in range(len(self._ports)):
            port = self._ports[(first + number) % len(self._ports)]
            with suppress(OSError):
                server = socket.create_connection(("127.0.0.1", port), _CONNECT_S)
                server.settimeout(None)
                return server
        return None


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(_BYTES):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
