"""Keep what a delivery says until its jobs are queued. Shell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision: str | None = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns. Deliveries of before, and those that an earlier gitbot hears, are settled."""
    op.add_column("deliveries", sa.Column("document", sa.LargeBinary(), nullable=True))
    op.add_column("deliveries", sa.Column("format", sa.Integer(), nullable=True))
    op.add_column("deliveries", sa.Column("woke_at", sa.DateTime(timezone=True), nullable=True))
    waiting = sa.text("document IS NOT NULL")
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["heard_at", "id"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index("ix_deliveries_woke_at", "deliveries", ["woke_at"])
