"""Define the tables of the API's tokens, and of the logins that lead to one. Pure."""

from __future__ import annotations

import sqlalchemy as sa

from gitbot.adapters.stores.tables.columns import Instant, metadata

api_tokens = sa.Table(
    "api_tokens",
    metadata,
    # The SHA-256 of the token, so that the table lets nobody in.
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("account", sa.BigInteger, nullable=False),
    sa.Column("login", sa.Text, nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False, index=True),
    sa.Column("used_at", Instant),
)

api_logins = sa.Table(
    "api_logins",
    metadata,
    # The SHA-256 of the handle. Only who has the handle can open ``sealed``.
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("interval_s", sa.Integer, nullable=False),
    sa.Column("expires_at", Instant, nullable=False, index=True),
    # When GitHub may be asked again.
    sa.Column("next_at", Instant, nullable=False),
)
