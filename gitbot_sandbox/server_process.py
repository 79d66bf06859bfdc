"""Run `gitbot serve` as a process that can be stopped, killed and started again. Shell."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

from gitbot.errors import UserError

START_S = 150.0
"""How long a server may take to start: some seconds are enough, but the machine may be very busy."""


class ServerProcess:
    """One server on ``port``, with its log. ``environ`` gives its settings at each start."""

    def __init__(
        self, name: str, port: int, environ: Callable[[], Mapping[str, str]], log: Path
    ) -> None:
        self.name = name
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._environ = environ
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self.was_killed = False

    def launch(self) -> None:
        """Start the process."""
        self.was_killed = False
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gitbot_sandbox.tied", "gitbot", "serve"],
                env=dict(self._environ()),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_ready(self) -> None:
        """Wait until the server is ready.

        Raises:
            UserError: it ended or does not answer; the message is the end of its log.
        """
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
    def has_ended(self) -> bool:
        """Whether the process was started and has ended by itself."""
        return self._process is not None and self._process.poll() is not None

    @property
    def pid(self) -> int:
        """The process. Raises UserError when there is none."""
        return self._started().pid

    def kill(self) -> None:
        """Kill the process with SIGKILL, so that it cannot clean up."""
        self.was_killed = True
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self, timeout_s: float = 60.0) -> int:
        """Stop the server as an operator does; its exit status. Killed if it takes too long."""
        if self._process is None:
            return 0
        if self.is_alive:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def wait(self, timeout_s: float) -> int:
        """Wait until the process has ended by itself; its exit status."""
        status = self._started().wait(timeout=timeout_s)
        self._process = None
        return status

    def log_text(self) -> str:
        """Everything that the server has logged so far."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise UserError(f"{self.name} is not running")
        return self._process

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=1) as reply:
                return bool(reply.status == 200)
        except (urllib.error.URLError, OSError):
            return False
