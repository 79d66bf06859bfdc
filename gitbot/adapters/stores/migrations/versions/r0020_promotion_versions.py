"""Give the rows of promotions a version, so that no writer overwrites what it has not read. Shell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision: str | None = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. The rows of before all have the same version until they are written."""
    op.add_column(
        "promotions", sa.Column("version", sa.Text, nullable=False, server_default="first")
    )
