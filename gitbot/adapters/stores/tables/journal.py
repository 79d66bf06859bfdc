"""Define the tables of deliveries, repositories, applied tips and the audit. Pure."""

from __future__ import annotations

import sqlalchemy as sa

from gitbot.adapters.stores.tables.columns import (
    COUNTER,
    SEALED,
    Document,
    Instant,
    environment_key,
    metadata,
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("heard_at", Instant, nullable=False, index=True),
    # What it says, such as a comment with a plan; NULL once nothing is left to do for it.
    sa.Column("document", Document, info=SEALED),
    # Of the document: an earlier gitbot leaves what it cannot read to a newer one.
    sa.Column("format", sa.Integer),
    # When its job was queued that a newer delivery could have replaced; NULL where there is none.
    sa.Column("woke_at", Instant, index=True),
)
sa.Index(
    "ix_deliveries_waiting",
    deliveries.c.heard_at,
    deliveries.c.id,
    sqlite_where=deliveries.c.document.is_not(None),
    postgresql_where=deliveries.c.document.is_not(None),
)

applied_tips = sa.Table(
    "applied_tips",
    metadata,
    *environment_key(),
    sa.Column("tip", sa.Text, nullable=False),
    # How often a tip was recorded here.
    sa.Column("times", sa.Integer, nullable=False, server_default="0"),
)

repositories = sa.Table(
    "repositories",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("full_name", sa.Text, nullable=False),
    # GitHub's names are case-insensitive, so this is the name in lower case.
    sa.Column("lookup", sa.Text, nullable=False, unique=True),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("sequence", COUNTER, primary_key=True, autoincrement=True),
    sa.Column("at", Instant, nullable=False, index=True),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False, index=True),
    sa.Column("detail", sa.Text, nullable=False, info=SEALED),
    # Its number is not known before it is written.
    info={"place": ("at", "actor", "action", "subject")},
)
