"""Record which outputs of other stacks each stack used when it was last applied. Shell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision: str | None = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. No stack of before used an output of another one."""
    op.add_column("stacks", sa.Column("uses", sa.Text, nullable=False, server_default="{}"))
