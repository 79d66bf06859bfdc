"""Make the table of when drift was put back without asking. Shell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision: str | None = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table. Nothing was put back yet."""
    op.create_table(
        "drift_heals",
        sa.Column("repository", sa.Text, nullable=False),
        sa.Column("environment", sa.Text, nullable=False),
        sa.Column("stack", sa.Text, nullable=False),
        sa.Column("region", sa.Text, nullable=False),
        sa.Column("healed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "repository", "environment", "stack", "region", "healed_at", name="pk_drift_heals"
        ),
    )
