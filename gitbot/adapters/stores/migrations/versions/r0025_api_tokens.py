"""Make the table of the API's tokens. Shell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision: str | None = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table. Nobody has a token before."""
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "api_tokens",
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("account", sa.BigInteger, nullable=False),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.Column("expires_at", instant, nullable=False),
        sa.Column("used_at", instant),
        sa.PrimaryKeyConstraint("digest", name="pk_api_tokens"),
    )
    op.create_index("ix_api_tokens_expires_at", "api_tokens", ["expires_at"])
