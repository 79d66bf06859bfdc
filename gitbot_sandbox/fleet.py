"""Run several servers of one sandbox on one database, behind a balancer. Shell."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from gitbot_sandbox.sandbox import Sandbox, free_port
from gitbot_sandbox.server_process import ServerProcess

_CONNECT_S = 1.0
_BYTES = 65536


class Fleet:
    """Servers on the PostgreSQL database at ``url``, and a balancer at the sandbox's own address."""

    def __init__(
        self, sandbox: Sandbox, url: str, count: int, environ: Mapping[str, str] | None = None
    ) -> None:
        more = {"GITBOT_DATABASE": url, **(environ or {})}
        self.members: Sequence[ServerProcess] = tuple(
            _member(sandbox, f"server{number}", more) for number in range(1, count + 1)
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


def _member(sandbox: Sandbox, name: str, environ: Mapping[str, str]) -> ServerProcess:
    """A server with a port, a folder and a log of its own."""
    port = free_port()
    settings = {
        **sandbox.server_environ(),
        "GITBOT_DATA": str(sandbox.root / name),
        "GITBOT_LISTEN": f"127.0.0.1:{port}",
        **environ,
    }
    return ServerProcess(name, port, lambda: settings, sandbox.root / f"{name}.log")


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
