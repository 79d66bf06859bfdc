"""Define the table of promotions. Pure."""

from __future__ import annotations

import sqlalchemy as sa

from gitbot.adapters.stores.tables.columns import Document, environment_key, metadata

promotions = sa.Table(
    "promotions",
    metadata,
    *environment_key(),
    sa.Column("stack", sa.Text, primary_key=True),
    # The pull request that is open, else the one that was merged last.
    sa.Column("number", sa.BigInteger),
    sa.Column("document", Document, nullable=False),
    # Another one with each write: who writes names the one that it has read.
    sa.Column("version", sa.Text, nullable=False, server_default="first"),
    sa.Index("ix_promotions_by_number", "repository", "number"),
)
