"""Keep the logins that have begun in an SQL table, sealed with their handles. Shell.

The table alone lets nobody finish a login: what GitHub takes is encrypted with a key made of the
handle, and the handle is not kept.
"""

from __future__ import annotations

import hashlib
import os
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gitbot.adapters.stores.database import reading, writing
from gitbot.adapters.stores.tables.logins import api_logins as _TABLE
from gitbot.model.logins import PendingLogin, digest_of

_NONCE_BYTES = 12
_KEPT = timedelta(days=1)
_PURPOSE = b"the key of a login to gitbot\0"


class SqlApiLogins:
    """The ``ApiLogins`` port on an engine from ``open_database``. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, handle: str, login: PendingLogin, now: datetime) -> None:
        """Record a login, and forget those whose time was over a day ago."""
        row = {
            "digest": digest_of(handle),
            "sealed": _seal(handle, login.device_code),
            "interval_s": login.interval_s,
            "expires_at": login.expires_at,
            "next_at": now,
        }
        with writing(self._engine) as connection:
            connection.execute(sa.delete(_TABLE).where(_TABLE.c.expires_at <= now - _KEPT))
            connection.execute(sa.insert(_TABLE).values(**row))

    def open_until(self, now: datetime) -> int:
        """How many logins have not ended and still have time."""
        query = sa.select(sa.func.count()).where(_TABLE.c.expires_at > now)
        with reading(self._engine) as connection:
            return connection.scalar(query) or 0

    def find(self, handle: str) -> PendingLogin | None:
        """The login of this handle, also when its time is over; None when there is none."""
        query = sa.select(_TABLE).where(_TABLE.c.digest == digest_of(handle))
        with reading(self._engine) as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        return PendingLogin(
            device_code=_open(handle, row.sealed),
            interval_s=row.interval_s,
            expires_at=row.expires_at,
        )

    def take_turn(self, handle: str, now: datetime) -> bool:
        """Whether GitHub may be asked about the login now. Of several servers one has the turn."""
        here = _TABLE.c.digest == digest_of(handle)
        with writing(self._engine) as connection:
            interval_s = connection.scalar(sa.select(_TABLE.c.interval_s).where(here))
            if interval_s is None:
                return False
            change = sa.update(_TABLE).where(here, _TABLE.c.next_at <= now)
            after = now + timedelta(seconds=interval_s)
            return connection.execute(change.values(next_at=after)).rowcount == 1

    def slow_down(self, handle: str, interval_s: int) -> None:
        """Record that GitHub wants to be asked less often."""
        here = _TABLE.c.digest == digest_of(handle)
        with writing(self._engine) as connection:
            connection.execute(sa.update(_TABLE).where(here).values(interval_s=interval_s))

    def end(self, handle: str) -> None:
        """Forget the login."""
        with writing(self._engine) as connection:
            connection.execute(sa.delete(_TABLE).where(_TABLE.c.digest == digest_of(handle)))


def _key(handle: str) -> bytes:
    """The key made of the handle; the digest by which the row is found does not tell it."""
    return hashlib.sha256(_PURPOSE + handle.encode()).digest()


def _seal(handle: str, text: str) -> bytes:
    # Imported here: it takes long, and of all commands only a server needs it.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(_key(handle)).encrypt(nonce, text.encode(), None)


def _open(handle: str, sealed: bytes) -> str:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    return AESGCM(_key(handle)).decrypt(nonce, rest, None).decode()
