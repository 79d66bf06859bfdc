"""Define the table of what is known of drift. Pure."""

from __future__ import annotations

import sqlalchemy as sa

from gitbot.adapters.stores.tables.columns import (
    SEALED,
    Document,
    Instant,
    environment_key,
    metadata,
)

drift_rows = sa.Table(
    "drift_rows",
    metadata,
    *environment_key(),
    sa.Column("stack", sa.Text, primary_key=True),
    sa.Column("region", sa.Text, primary_key=True),
    sa.Column("finding", sa.Text, primary_key=True),
    # The number of its issue on GitHub. The rest of the row is only ever read whole.
    sa.Column("issue", sa.BigInteger),
    sa.Column("document", Document, nullable=False, info=SEALED),
    sa.Index("ix_drift_rows_by_issue", "repository", "issue"),
)

drift_heals = sa.Table(
    "drift_heals",
    metadata,
    *environment_key(),
    sa.Column("stack", sa.Text, primary_key=True),
    sa.Column("region", sa.Text, primary_key=True),
    sa.Column("healed_at", Instant, primary_key=True),
)
