"""Run a whole GitHub on a loopback port, for tests and the demo. Shell."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from gitbot_sandbox.clock import VirtualClock
from gitbot_sandbox.github.acting import Acting
from gitbot_sandbox.github.administration import Administration
from gitbot_sandbox.github.control import ACTIONS
from gitbot_sandbox.github.courier import Courier
from gitbot_sandbox.github.faults import Faults
from gitbot_sandbox.github.hub import Hub
from gitbot_sandbox.github.server import HttpServer, application


class LocalGitHub(Administration, Acting):
    """A GitHub with real bare repositories below ``root``; everything else is in memory.

    Repositories are named ``owner/name``. Methods raise ``Problem`` if GitHub would refuse, and
    ``KeyError`` for users and repositories that do not exist.
    """

    def __init__(self, root: Path, port: int = 0) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.hub = Hub(root.resolve())
        app = application(self.hub, {name: getattr(self, name) for name in ACTIONS})
        self._server = HttpServer(app, self.hub, port)
        self.port = self._server.port

    def start(self) -> Self:
        """Start to answer calls and to deliver webhooks."""
        self.hub.courier.start()
        self._server.start()
        return self

    def stop(self) -> None:
        """Stop both."""
        self._server.stop()
        self.hub.courier.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The address of the pages, and the root of clone addresses."""
        return self.hub.base_url

    @property
    def api_url(self) -> str:
        """The address of the API, which PyGithub takes as ``base_url``."""
        return self.hub.api_url

    @property
    def faults(self) -> Faults:
        """The fault switches and the log of calls."""
        return self.hub.faults

    @property
    def clock(self) -> VirtualClock:
        """The time for the schedules of gitbot. GitHub's own time is the real one."""
        return self.hub.clock

    @property
    def courier(self) -> Courier:
        """The deliveries, their log and their switches."""
        return self.hub.courier
