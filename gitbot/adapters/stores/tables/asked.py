"""Define the tables of what people asked for: commands, the claims that they took, plans. Pure."""

from __future__ import annotations

import sqlalchemy as sa

from gitbot.adapters.stores.tables.columns import (
    SEALED,
    Document,
    Instant,
    environment_key,
    metadata,
)

commands = sa.Table(
    "commands",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("comment", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("text_at", Instant, primary_key=True),
    sa.Column("line", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("repository", sa.Text, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("on_pull_request", sa.Boolean, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("author_id", sa.BigInteger),
    sa.Column("verb", sa.Text, nullable=False),
    sa.Column("arguments", sa.Text, nullable=False),
    sa.Column("written_at", Instant, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("accepted", sa.Text),
    sa.Column("answer", sa.Text, info=SEALED),
    sa.Index("ix_commands_by_status", "repository", "status"),
    sa.Index("ix_commands_by_author", "repository", "author", "written_at"),
)

claims = sa.Table(
    "claims",
    metadata,
    *environment_key(),
    sa.Column("stack", sa.Text, primary_key=True),
    sa.Column("region", sa.Text, primary_key=True),
    sa.Column("pull_request", sa.BigInteger, nullable=False),
    sa.Column("claimed_by", sa.Text, nullable=False),
    sa.Column("claimed_at", Instant, nullable=False),
    sa.Column("head", sa.Text, nullable=False),
    sa.Column("closed", sa.Boolean, nullable=False),
    sa.Index("ix_claims_of_pull_request", "repository", "pull_request"),
)

asked_plans = sa.Table(
    "asked_plans",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("repository", sa.Text, nullable=False),
    sa.Column("environment", sa.Text, nullable=False),
    sa.Column("commit_id", sa.Text, nullable=False),
    sa.Column("stacks", sa.Text, nullable=False),
    sa.Column("asked_by", sa.Text, nullable=False),
    sa.Column("account", sa.BigInteger, nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("answer", Document, info=SEALED),
    sa.Index("ix_asked_plans_by_time", "asked_at"),
)
