"""Count the applies that have ended in an environment, to tell a tip's second apply from its first. Shell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision: str | None = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column(
        "applied_tips", sa.Column("times", sa.Integer, nullable=False, server_default="0")
    )
