"""Keep since when a lease is held, what was done under it, and where states were moved. Shell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gitbot.adapters.stores.tables.columns import Instant

revision = "0028"
down_revision: str | None = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table. Of leases and stacks of before, nothing of it is known."""
    op.add_column("leases", sa.Column("since", Instant))
    op.add_column("leases", sa.Column("since_epoch", sa.BigInteger))
    op.add_column("stacks", sa.Column("done", sa.Text))
    op.add_column("stacks", sa.Column("moved", sa.Text))
    op.create_table(
        "moved_store",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("moved_to", sa.Text),
    )
