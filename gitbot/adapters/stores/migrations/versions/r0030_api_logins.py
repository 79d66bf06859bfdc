"""Make the table of logins to the API that have begun. Shell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision: str | None = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table. Nobody has begun a login before."""
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "api_logins",
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("interval_s", sa.Integer, nullable=False),
        sa.Column("expires_at", instant, nullable=False),
        sa.Column("next_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_api_logins"),
    )
    op.create_index("ix_api_logins_expires_at", "api_logins", ["expires_at"])
