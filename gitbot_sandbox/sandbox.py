"""Run the whole sandbox: a local GitHub, a local AWS and a gitbot server on both. Shell."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from gitbot.errors import UserError
from gitbot_sandbox.aws import LocalAws
from gitbot_sandbox.github import AppCredentials, LocalGitHub
from gitbot_sandbox.server_process import ServerProcess

T = TypeVar("T")

OWNER = "acme"
ADMIN, WRITER, READER = "ada", "bob", "eve"
PATIENCE_S = 150.0
"""How long to wait for anything: some seconds are enough, but the machine may be very busy."""


class Sandbox:
    """A GitHub account with three people and gitbot's App, an AWS account, and a server process.

    ``ada`` administers the repositories, ``bob`` may write, ``eve`` may read. Everything is below
    ``root`` and ends with ``stop``.
    """

    def __init__(
        self,
        root: Path,
        *,
        github_port: int = 0,
        aws_port: int = 0,
        listen_port: int = 0,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        _refuse_taken({"GitHub": github_port, "AWS": aws_port, "gitbot": listen_port})
        self.root = root
        self.github = LocalGitHub(root / "github", port=github_port)
        self.aws = LocalAws(port=aws_port)
        self.data = root / "data"
        self.hash_key = secrets.token_hex(32)
        self._listen_port = listen_port or free_port()
        self._environ = dict(environ or {})
        self._repositories: list[str] = []
        self._app: AppCredentials | None = None
        self._server = ServerProcess(
            "the server", self._listen_port, self.server_environ, root / "server.log"
        )

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> Self:
        """Start GitHub and AWS, and register the people and the App. The server is not started."""
        self.github.start()
        try:
            with ThreadPoolExecutor(1) as beside:
                starting = beside.submit(self.aws.start)
                self._register()
                starting.result()
            # What happens in AWS happens at the time that the server's schedules go by.
            self.aws.trail.now = self.github.clock.now
        except BaseException:
            self.stop()
            raise
        return self

    def _register(self) -> None:
        self.github.create_org(OWNER, {ADMIN: "admin"})
        self.tokens = {
            login: self.github.create_user(login, name)
            for login, name in ((ADMIN, "Ada"), (WRITER, "Bob"), (READER, "Eve"))
        }
        self._app = self.github.create_app("gitbot", OWNER)
        self.github.switch_device_flow(self._app.app_id, on=True)
        self.github.set_app_webhook(
            self._app.app_id, f"{self.server_url}/webhook", self._app.webhook_secret
        )

    def stop(self) -> None:
        """End the server, then GitHub and AWS."""
        self.stop_server()
        self.github.stop()
        self.aws.stop()

    def create_repository(self, name: str, files: Mapping[str, str | bytes]) -> str:
        """Make a repository that gitbot serves from its next start on; returns its
        ``owner/name``."""
        self.github.create_repository(OWNER, name, files=files)
        full_name = f"{OWNER}/{name}"
        for login, permission in ((ADMIN, "admin"), (WRITER, "write"), (READER, "read")):
            self.github.set_permission(full_name, login, permission)
        self._repositories.append(full_name)
        return full_name

    @property
    def repositories(self) -> tuple[str, ...]:
        """The ``owner/name`` of each repository that gitbot serves."""
        return tuple(self._repositories)

    # --- the server

    @property
    def server_url(self) -> str:
        """The address of the server, also before it is started."""
        return f"http://127.0.0.1:{self._listen_port}"

    @property
    def server_port(self) -> int:
        """The port of that address."""
        return self._listen_port

    @property
    def app(self) -> AppCredentials:
        """The credentials of gitbot's App."""
        if self._app is None:
            raise UserError("the sandbox is not started")
        return self._app

    def server_environ(self) -> dict[str, str]:
        """The whole environment of the server process, without any credentials of the caller."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
        return {
            **kept,
            **self.aws.environment,
            "GITBOT_DATA": str(self.data),
            "GITBOT_HASH_KEY": self.hash_key,
            "GITBOT_WEBHOOK_SECRET": self.app.webhook_secret,
            "GITBOT_GITHUB_URL": self.github.api_url,
            "GITBOT_GITHUB_APP_ID": str(self.app.app_id),
            "GITBOT_GITHUB_APP_KEY": self.app.private_key_pem,
            "GITBOT_CLIENT_ID": self.app.client_id,
            "GITBOT_CLIENT_SECRET": self.app.client_secret,
            "GITBOT_REPOSITORIES": ",".join(self._repositories),
            "GITBOT_LISTEN": f"127.0.0.1:{self._listen_port}",
            "GITBOT_DRAIN_S": "20",
            "GITBOT_TICK_S": "1",
            "GITBOT_CALENDAR": str(self.github.clock.file),
            **self._environ,
        }

    def start_server(self) -> None:
        """Start the server process and wait until it is ready.

        Raises:
            UserError: it ended or does not answer; the message is the end of its log.
        """
        self._server.launch()
        self._server.wait_ready()

    @property
    def server_pid(self) -> int:
        """The process of the server."""
        return self._server.pid

    def stop_server(self) -> None:
        """Stop the server as an operator does, and wait until it has ended."""
        with suppress(subprocess.TimeoutExpired):  # it is killed then
            self._server.stop(timeout_s=30)

    def kill_server(self) -> None:
        """Kill the server with SIGKILL, so that it cannot clean up."""
        self._server.kill()

    @property
    def server_has_ended(self) -> bool:
        """Whether the server was started and its process is gone."""
        return self._server.has_ended

    def log_text(self) -> str:
        """Everything that the server has logged so far."""
        return self._server.log_text()


def eventually(look: Callable[[], T | None], *, timeout_s: float = PATIENCE_S, what: str = "") -> T:
    """The first result of ``look`` that is true: not None, False, zero or empty.

    Raises:
        TimeoutError: there was none in time; the message names ``what``.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout_s:.0f} s for {what or look}")
        time.sleep(0.03)


def _refuse_taken(ports: Mapping[str, int]) -> None:
    """Refuse a port that another program listens on, or that is given twice. Raises UserError."""
    wanted = {name: port for name, port in ports.items() if port}
    for name, port in wanted.items():
        others = [other for other, taken in wanted.items() if taken == port and other != name]
        if others:
            raise UserError(f"port {port} cannot be both that of {name} and that of {others[0]}")
        with socket.socket() as probe:
            # Servers set this too: a port whose connections are still closing counts as free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise UserError(
                    f"port {port}, wanted for {name}, cannot be used ({error.strerror}): "
                    "end the program that has it, or choose another port"
                ) from error


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def example_files() -> dict[str, str]:
    """The example repository's specs, by path: those of the checkout, or those in the wheel."""
    package = Path(__file__).parent
    for root in (package, package.parent):
        if (root / "specs").is_dir():
            return {
                str(file.relative_to(root)): file.read_text()
                for file in sorted((root / "specs").rglob("*.yaml"))
            }
    raise UserError("the example specs are missing from this installation")
