"""Define the tables of freezes, of what waits for their end, and of what was withdrawn. Pure."""

from __future__ import annotations

import sqlalchemy as sa

from gitbot.adapters.stores.tables.columns import Document, environment_key, metadata

freezes = sa.Table(
    "freezes",
    metadata,
    *environment_key(),
    # The number of its issue on GitHub. The rest of the row is only ever read whole.
    sa.Column("issue", sa.BigInteger),
    sa.Column("document", Document, nullable=False),
    sa.Index("ix_freezes_by_issue", "repository", "issue"),
)

frozen_applies = sa.Table(
    "frozen_applies",
    metadata,
    *environment_key(),
    sa.Column("stack", sa.Text, primary_key=True),
    sa.Column("region", sa.Text, primary_key=True),
    sa.Column("document", Document, nullable=False),
)

withdrawals = sa.Table(
    "withdrawals",
    metadata,
    *environment_key(),
    sa.Column("stack", sa.Text, primary_key=True),
    sa.Column("region", sa.Text, primary_key=True),
    sa.Column("document", Document, nullable=False),
)
