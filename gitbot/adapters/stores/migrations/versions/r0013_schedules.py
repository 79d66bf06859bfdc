"""Make the table of schedules. Shell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision: str | None = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table. The first look at each tip fills it."""
    op.create_table(
        "schedules",
        sa.Column("repository", sa.Text, nullable=False),
        sa.Column("environment", sa.Text, nullable=False),
        sa.Column("work", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_fired", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("repository", "environment", "work", "name", name="pk_schedules"),
    )
    op.create_index("ix_schedules_due_at", "schedules", ["due_at"])
