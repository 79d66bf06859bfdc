"""The port to the tokens of the API. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from gitbot.model.logins import ApiToken


class ApiTokens(Protocol):
    """The tokens that people use the API with. Only their digests are kept."""

    def put(self, token: ApiToken) -> None:
        """Record a new token."""

    def find(self, digest: str) -> ApiToken | None:
        """The token of this digest, also one that has expired; None when there is none."""

    def note_use(self, digest: str, at: datetime) -> None:
        """Record when the token was used last."""

    def void(self, digest: str) -> None:
        """Delete the token. Does nothing when there is none."""

    def forget_expired(self, now: datetime) -> None:
        """Delete the tokens whose time is over."""
