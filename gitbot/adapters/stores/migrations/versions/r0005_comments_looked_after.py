"""Keep what our comments say, and which comment showed which digest. Shell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns. Comments that were written before stay without a recorded text."""
    op.add_column("said_comments", sa.Column("body", sa.LargeBinary()))
    op.add_column("shown_digests", sa.Column("kind", sa.Text()))
    op.add_column("shown_digests", sa.Column("subject", sa.Text()))
