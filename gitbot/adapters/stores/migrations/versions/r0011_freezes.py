"""Make the tables of freezes, of what waits for their end, and of what was withdrawn. Shell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision: str | None = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables. Nothing was frozen before."""
    op.create_table(
        "freezes",
        sa.Column("repository", sa.Text, nullable=False),
        sa.Column("environment", sa.Text, nullable=False),
        sa.Column("issue", sa.BigInteger, nullable=True),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("repository", "environment", name="pk_freezes"),
    )
    op.create_index("ix_freezes_by_issue", "freezes", ["repository", "issue"])
    for table in ("frozen_applies", "withdrawals"):
        op.create_table(
            table,
            sa.Column("repository", sa.Text, nullable=False),
            sa.Column("environment", sa.Text, nullable=False),
            sa.Column("stack", sa.Text, nullable=False),
            sa.Column("region", sa.Text, nullable=False),
            sa.Column("document", sa.LargeBinary, nullable=False),
            sa.PrimaryKeyConstraint(
                "repository", "environment", "stack", "region", name=f"pk_{table}"
            ),
        )
