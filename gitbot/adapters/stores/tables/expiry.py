"""Define the tables of expiry: the rows, the delivered warnings, and what happened when. Pure."""

from __future__ import annotations

import sqlalchemy as sa

from gitbot.adapters.stores.tables.columns import (
    COUNTER,
    Document,
    Instant,
    environment_key,
    metadata,
)


def _stack_key() -> tuple[sa.Column[str], ...]:
    return (
        *environment_key(),
        sa.Column("stack", sa.Text, primary_key=True),
        sa.Column("region", sa.Text, primary_key=True),
    )


expiries = sa.Table(
    "expiries",
    metadata,
    *_stack_key(),
    # The conversations about it. The rest of the row is only ever read whole.
    sa.Column("pull_request", sa.BigInteger),
    sa.Column("issue", sa.BigInteger),
    sa.Column("document", Document, nullable=False),
    # Another one with each write: who writes names the one that it has read.
    sa.Column("version", sa.Text, nullable=False, server_default="first"),
    sa.Index("ix_expiries_by_pull_request", "repository", "pull_request"),
    sa.Index("ix_expiries_by_issue", "repository", "issue"),
)

expiry_warnings = sa.Table(
    "expiry_warnings",
    metadata,
    *_stack_key(),
    sa.Column("expires_at", Instant, primary_key=True),
    sa.Column("threshold_s", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("delivered_at", Instant, nullable=False),
)

expiry_transitions = sa.Table(
    "expiry_transitions",
    metadata,
    sa.Column("id", COUNTER, primary_key=True, autoincrement=True),
    sa.Column("repository", sa.Text, nullable=False),
    sa.Column("environment", sa.Text, nullable=False),
    sa.Column("stack", sa.Text, nullable=False),
    sa.Column("region", sa.Text, nullable=False),
    sa.Column("before", sa.Text),
    sa.Column("after", sa.Text),
    sa.Column("at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Index("ix_expiry_transitions_by_stack", "repository", "environment", "stack", "region"),
)
