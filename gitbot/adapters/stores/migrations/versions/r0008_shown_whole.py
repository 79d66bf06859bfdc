"""Record of each plan whether people could read it whole where it was shown. Shell.

Nobody knows that of earlier plans: they count as not shown whole. The marks of pull requests are
deleted, so that the first sweep plans each open one once more.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision: str | None = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and forget what shown plans depend on."""
    op.add_column(
        "runs",
        sa.Column("shown_whole", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.execute(sa.delete(sa.table("planned_pull_requests")))
