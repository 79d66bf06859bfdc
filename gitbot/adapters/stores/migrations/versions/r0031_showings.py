"""Keep what the plan comment of a pull request is about to show. Shell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision: str | None = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table. Whoever dies while an earlier version shows a plan leaves none behind."""
    op.create_table(
        "showings",
        sa.Column("repository", sa.Text, nullable=False),
        sa.Column("pull_request", sa.BigInteger, nullable=False),
        sa.Column("showing", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("repository", "pull_request", name="pk_showings"),
    )
