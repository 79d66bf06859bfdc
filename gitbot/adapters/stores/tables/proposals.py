"""Define the tables of gitbot's own branches and pull requests. Pure."""

from __future__ import annotations

import sqlalchemy as sa

from gitbot.adapters.stores.tables.columns import metadata, pull_request_key

own_branches = sa.Table(
    "own_branches",
    metadata,
    sa.Column("repository", sa.Text, primary_key=True),
    sa.Column("branch", sa.Text, primary_key=True),
    sa.Column("head", sa.Text, nullable=False),
    sa.Column("number", sa.BigInteger),
    sa.Index("ix_own_branches_by_number", "repository", "number"),
)

# Who asked for what a pull request of gitbot brings, or made what it promotes.
proposal_makers = sa.Table(
    "proposal_makers",
    metadata,
    *pull_request_key(),
    sa.Column("login", sa.Text, primary_key=True),
)
