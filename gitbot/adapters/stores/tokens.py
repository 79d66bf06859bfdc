"""Keep the tokens of the API in an SQL table. Shell."""

from __future__ import annotations

import dataclasses
import hmac
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gitbot.adapters.stores.database import reading, writing
from gitbot.adapters.stores.tables.logins import api_tokens
from gitbot.model.logins import ApiToken


class SqlApiTokens:
    """The ``ApiTokens`` port on an engine from ``open_database``. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, token: ApiToken) -> None:
        """Record a new token."""
        with writing(self._engine) as connection:
            connection.execute(sa.insert(api_tokens).values(**dataclasses.asdict(token)))

    def find(self, digest: str) -> ApiToken | None:
        """The token of this digest, also one that has expired; None when there is none."""
        query = sa.select(api_tokens).where(api_tokens.c.digest == digest)
        with reading(self._engine) as connection:
            row = connection.execute(query).first()
        if row is None or not hmac.compare_digest(row.digest.encode(), digest.encode()):
            return None
        return ApiToken(**row._asdict())

    def note_use(self, digest: str, at: datetime) -> None:
        """Record when the token was used last."""
        here = api_tokens.c.digest == digest
        with writing(self._engine) as connection:
            connection.execute(sa.update(api_tokens).where(here).values(used_at=at))

    def void(self, digest: str) -> None:
        """Delete the token. Does nothing when there is none."""
        with writing(self._engine) as connection:
            connection.execute(sa.delete(api_tokens).where(api_tokens.c.digest == digest))

    def forget_expired(self, now: datetime) -> None:
        """Delete the tokens whose time is over."""
        with writing(self._engine) as connection:
            connection.execute(sa.delete(api_tokens).where(api_tokens.c.expires_at <= now))
