"""Make the table of what is known of drift. Shell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision: str | None = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table. Nothing is known yet: the first scan finds what there is."""
    op.create_table(
        "drift_rows",
        sa.Column("repository", sa.Text, nullable=False),
        sa.Column("environment", sa.Text, nullable=False),
        sa.Column("stack", sa.Text, nullable=False),
        sa.Column("region", sa.Text, nullable=False),
        sa.Column("finding", sa.Text, nullable=False),
        sa.Column("issue", sa.BigInteger, nullable=True),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint(
            "repository", "environment", "stack", "region", "finding", name="pk_drift_rows"
        ),
    )
    op.create_index("ix_drift_rows_by_issue", "drift_rows", ["repository", "issue"])
