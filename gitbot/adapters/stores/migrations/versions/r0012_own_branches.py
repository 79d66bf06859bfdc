"""Make the table of gitbot's own branches and pull requests. Shell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision: str | None = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table. gitbot made no branch before."""
    op.create_table(
        "own_branches",
        sa.Column("repository", sa.Text, nullable=False),
        sa.Column("branch", sa.Text, nullable=False),
        sa.Column("head", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("repository", "branch", name="pk_own_branches"),
    )
    op.create_index("ix_own_branches_by_number", "own_branches", ["repository", "number"])
