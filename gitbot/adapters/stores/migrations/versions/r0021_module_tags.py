"""Record with a stack at which commits the tags were that it took modules at. Shell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision: str | None = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; no stack of before took any."""
    op.add_column("stacks", sa.Column("module_tags", sa.Text))
