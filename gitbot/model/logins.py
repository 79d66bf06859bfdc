"""Who uses the API of a server, and by which token. Pure."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

TOKEN_LIFE = timedelta(days=30)
PREFIX = "gbt_"
"""What each token of gitbot begins with, so that people and scanners recognise one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """A token of the API as it is kept: its ``digest``, and whose it is.

    ``account`` is the id of the person's account on GitHub, ``login`` its name when the token was made.
    ``used_at`` is exact to the hour; None: not used yet.
    """

    digest: str
    account: int
    login: str
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


def new_token() -> str:
    """A new token: 32 random bytes."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    """The digest by which a token or handle is found. What is kept does not tell the secret."""
    return hashlib.sha256(secret.encode()).hexdigest()
