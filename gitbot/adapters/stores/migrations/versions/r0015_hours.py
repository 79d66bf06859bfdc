"""Make the tables of off-hours. Shell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision: str | None = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables. A machine without a row waits for the next event of its schedule."""
    for table in ("machine_hours", "hours_commands"):
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
