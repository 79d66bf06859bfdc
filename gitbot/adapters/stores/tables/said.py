"""Define the tables of what gitbot has said on GitHub, and where. Pure."""

from __future__ import annotations

import sqlalchemy as sa

from gitbot.adapters.stores.tables.columns import (
    SEALED,
    Document,
    Instant,
    environment_key,
    metadata,
)

said_comments = sa.Table(
    "said_comments",
    metadata,
    sa.Column("repository", sa.Text, primary_key=True),
    # The number of a pull request or an issue: GitHub counts both together.
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("comment", sa.BigInteger, nullable=False),
    sa.Column("body_hash", sa.Text, nullable=False),
    sa.Column("restored_at", Instant),
    sa.Column("body", Document, info=SEALED),
    sa.Index("ix_said_comments_by_id", "repository", "comment"),
)

said_checks = sa.Table(
    "said_checks",
    metadata,
    sa.Column("repository", sa.Text, primary_key=True),
    sa.Column("commit_id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("body_hash", sa.Text, nullable=False),
)

told = sa.Table(
    "told",
    metadata,
    *environment_key(),
    sa.Column("occasion", sa.Text, primary_key=True),
    sa.Column("pull_request", sa.BigInteger, primary_key=True, autoincrement=False),
)
