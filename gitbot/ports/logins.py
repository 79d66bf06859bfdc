"""The port to GitHub's device flow, by which people sign in to a server. Pure."""

from __future__ import annotations

from typing import Protocol

from gitbot.model.logins import Begun, Progress


class DeviceLogins(Protocol):
    """Signs people in with their account on GitHub. No token of theirs leaves it."""

    def begin(self) -> Begun:
        """Begin a login.

        Raises:
            TransientError: GitHub does not answer.
            UserError: GitHub refuses the server's client id.
        """

    def ask(self, device_code: str) -> Progress:
        """How far the login is. Who has signed in is told once: then GitHub knows the code no more.

        Raises:
            TransientError: GitHub does not answer.
            UserError: GitHub refuses the server's client id or its secret.
        """
