"""Keep who is behind the pull requests that gitbot opens. Shell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision: str | None = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table. Of the pull requests of before, the pushers of their commits are known."""
    op.create_table(
        "proposal_makers",
        sa.Column("repository", sa.Text, nullable=False),
        sa.Column("pull_request", sa.BigInteger, nullable=False),
        sa.Column("login", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("repository", "pull_request", "login", name="pk_proposal_makers"),
    )
