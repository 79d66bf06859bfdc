"""Define the table of schedules. Pure."""

from __future__ import annotations

import sqlalchemy as sa

from gitbot.adapters.stores.tables.columns import Document, Instant, environment_key, metadata

schedules = sa.Table(
    "schedules",
    metadata,
    *environment_key(),
    sa.Column("work", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("since", Instant, nullable=False),
    sa.Column("last_fired", Instant),
    # Follows from the other columns, so that a tick reads only what is due. NULL: never again.
    sa.Column("due_at", Instant, index=True),
    sa.Column("document", Document, nullable=False),
)
