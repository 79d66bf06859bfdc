"""Keep what the lookups of a stack found. Shell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision: str | None = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. Stacks of before have no lookups."""
    op.add_column("stacks", sa.Column("lookups", sa.Text, nullable=False, server_default="{}"))
