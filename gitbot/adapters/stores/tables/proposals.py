"""Define the table of gitbot's own branches and pull requests. Pure."""

from __future__ import annotations

import sqlalchemy as sa

from gitbot.adapters.stores.tables.columns import metadata

own_branches = sa.Table(
    "own_branches",
    metadata,
    sa.Column("repository", sa.Text, primary_key=True),
    sa.Column("branch", sa.Text, primary_key=True),
    sa.Column("head", sa.Text, nullable=False),
    sa.Column("number", sa.BigInteger),
    sa.Index("ix_own_branches_by_number", "repository", "number"),
)
