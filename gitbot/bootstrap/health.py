"""Looks again and again at what a server sees of itself, so that being asked for it costs nothing. Shell."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from gitbot.adapters.queue import JobFigures
from gitbot.decisions.readiness import Sights
from gitbot.errors import GitbotError

log = logging.getLogger("gitbot")

EVERY_S = 5.0
IDENTITY_S = 300.0


class Watch:
    """Looks at the queue's database every ``EVERY_S`` seconds, and asks AWS who gitbot is every ``IDENTITY_S``.

    It looks in threads of its own: a database that is gone may never answer, and whoever asks a server how it is
    must not wait for that.
    """

    def __init__(
        self, figures: Callable[[], Sequence[JobFigures]], identify: Callable[[], bool | None]
    ) -> None:
        """``identify`` asks AWS; it returns None where it cannot be asked, and raises GitbotError when it refuses."""
        self._figures = figures
        self._identify = identify
        self._stopping = threading.Event()
        self._waiting: JobFigures | None = None
        self._aws: bool | None = None
        self._answered_at = time.monotonic()
        self._threads = [
            threading.Thread(target=self._look_again, args=work, name=work[0].__name__, daemon=True)
            for work in ((self._look_at_queue, EVERY_S), (self._look_at_aws, IDENTITY_S))
        ]

    def start(self) -> None:
        """Look from now on."""
        self._answered_at = time.monotonic()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Look no more. A look that takes long is not waited for."""
        self._stopping.set()

    def seen(self) -> Sights:
        """What was seen last."""
        oldest = self._waiting
        return Sights(
            database_s=max(0.0, time.monotonic() - self._answered_at - EVERY_S),
            aws=self._aws,
            waiting=oldest.job if oldest else "",
            waiting_s=oldest.oldest_s if oldest else 0.0,
        )

    def _look_again(self, look: Callable[[], None], every_s: float) -> None:
        while not self._stopping.is_set():
            look()
            self._stopping.wait(every_s)

    def _look_at_queue(self) -> None:
        try:
            found = [one for one in self._figures() if one.state == "queued"]
        except Exception as error:  # noqa: BLE001  (whatever it is: the next look comes, and readiness tells)
            if not self._stopping.is_set():
                log.warning("the queue cannot be looked at: %s", error)
            return
        self._answered_at = time.monotonic()
        self._waiting = max(found, key=lambda one: one.oldest_s, default=None)

    def _look_at_aws(self) -> None:
        try:
            self._aws = self._identify()
        except GitbotError as error:
            log.warning("AWS does not say who gitbot is: %s", error)
            self._aws = False
