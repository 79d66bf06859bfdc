"""Make the table of why stacks differ. Shell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision: str | None = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table. A cause that is not known is looked for with the next scan."""
    op.create_table(
        "drift_causes",
        sa.Column("repository", sa.Text, nullable=False),
        sa.Column("environment", sa.Text, nullable=False),
        sa.Column("stack", sa.Text, nullable=False),
        sa.Column("region", sa.Text, nullable=False),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint(
            "repository", "environment", "stack", "region", name="pk_drift_causes"
        ),
    )
