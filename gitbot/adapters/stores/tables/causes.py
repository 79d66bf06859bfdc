"""Define the table of why stacks differ. Pure."""

from __future__ import annotations

import sqlalchemy as sa

from gitbot.adapters.stores.tables.columns import SEALED, Document, environment_key, metadata

drift_causes = sa.Table(
    "drift_causes",
    metadata,
    *environment_key(),
    sa.Column("stack", sa.Text, primary_key=True),
    sa.Column("region", sa.Text, primary_key=True),
    sa.Column("document", Document, nullable=False, info=SEALED),
)
