"""The port to the logins that have begun and not ended. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from gitbot.model.logins import PendingLogin


class ApiLogins(Protocol):
    """Logins to the API that GitHub waits for. The handle itself is not kept, nor what it opens."""

    def begin(self, handle: str, login: PendingLogin, now: datetime) -> None:
        """Record a login, and forget those whose time was over a day ago."""

    def open_until(self, now: datetime) -> int:
        """How many logins have not ended and still have time."""

    def find(self, handle: str) -> PendingLogin | None:
        """The login of this handle, also when its time is over; None when there is none."""

    def take_turn(self, handle: str, now: datetime) -> bool:
        """Whether GitHub may be asked about the login now. Of several servers one has the turn."""

    def slow_down(self, handle: str, interval_s: int) -> None:
        """Record that GitHub wants to be asked less often."""

    def end(self, handle: str) -> None:
        """Forget the login."""
