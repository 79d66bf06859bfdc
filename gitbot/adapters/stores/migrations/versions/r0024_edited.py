"""Keep whether a state was changed by hand since an apply was last at it. Shell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision: str | None = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. Of stacks of before, nobody knows: they count as not edited."""
    op.add_column(
        "stacks", sa.Column("edited", sa.Boolean, nullable=False, server_default=sa.false())
    )
