"""Make the table of promotions. Shell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision: str | None = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table. Nothing was promoted before."""
    op.create_table(
        "promotions",
        sa.Column("repository", sa.Text, nullable=False),
        sa.Column("environment", sa.Text, nullable=False),
        sa.Column("stack", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=True),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("repository", "environment", "stack", name="pk_promotions"),
    )
    op.create_index("ix_promotions_by_number", "promotions", ["repository", "number"])
