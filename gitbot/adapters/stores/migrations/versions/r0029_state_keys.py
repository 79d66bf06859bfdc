"""Keep which keys the values of the database are sealed with. Shell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision: str | None = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table. Without rows nothing is sealed."""
    op.create_table(
        "state_keys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kms", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.Text(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_state_keys"),
    )
