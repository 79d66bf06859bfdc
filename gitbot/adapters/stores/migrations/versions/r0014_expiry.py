"""Make the tables of expiry, and keep of each stack what its spec says of its end. Shell.

Nobody knows when earlier stacks were applied first: their lives count from the next apply, which is
never sooner than the truth.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision: str | None = "0013"
branch_labels = None
depends_on = None

_STACK = ("repository", "environment", "stack", "region")


def upgrade() -> None:
    """Make the tables and columns, all empty."""
    op.add_column("stacks", sa.Column("lifetime", sa.Text()))
    op.add_column("stacks", sa.Column("born_at", sa.DateTime(timezone=True)))
    op.create_table(
        "expiries",
        *_stack(),
        sa.Column("pull_request", sa.BigInteger()),
        sa.Column("issue", sa.BigInteger()),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(*_STACK, name="pk_expiries"),
    )
    op.create_index("ix_expiries_by_pull_request", "expiries", ["repository", "pull_request"])
    op.create_index("ix_expiries_by_issue", "expiries", ["repository", "issue"])
    op.create_table(
        "expiry_warnings",
        *_stack(),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("threshold_s", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(*_STACK, "expires_at", "threshold_s", name="pk_expiry_warnings"),
    )
    counter = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "expiry_transitions",
        sa.Column("id", counter, autoincrement=True, nullable=False),
        *_stack(),
        sa.Column("before", sa.Text()),
        sa.Column("after", sa.Text()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_expiry_transitions"),
    )
    op.create_index("ix_expiry_transitions_by_stack", "expiry_transitions", list(_STACK))


def _stack() -> tuple[sa.Column[str], ...]:
    return tuple(sa.Column(name, sa.Text(), nullable=False) for name in _STACK)
