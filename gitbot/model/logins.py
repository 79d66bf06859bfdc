"""Who uses the API of a server, and by which token. Pure."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import TypeAlias

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A login that GitHub waits for. The person enters ``user_code`` at ``verification_uri``.

    ``device_code`` is a secret: who has it gets the person's token. ``interval_s`` seconds must pass
    between two questions whether the person has agreed.
    """

    device_code: str = field(repr=False)
    user_code: str
    verification_uri: str
    expires_in_s: int
    interval_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account on GitHub: its id stays when its ``login`` changes."""

    id: int
    login: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The person has not decided yet. ``interval_s``: how long to wait from now on; None: as before."""

    interval_s: int | None = None


class Ended(Enum):
    """How a login ends without a token."""

    DENIED = "denied"
    OVER = "over"


Progress: TypeAlias = Account | Waiting | Ended
"""How far a login is: who has signed in, or why nobody has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingLogin:
    """A login as it is kept between two requests, which different servers may take."""

    device_code: str = field(repr=False)
    interval_s: int
    expires_at: datetime


def new_handle() -> str:
    """A new handle of a login: 32 random bytes. Who has it gets the token of gitbot."""
    return secrets.token_urlsafe(32)


def new_token() -> str:
    """A new token: 32 random bytes."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    """The digest by which a token or handle is found. What is kept does not tell the secret."""
    return hashlib.sha256(secret.encode()).hexdigest()
