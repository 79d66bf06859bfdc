"""Keep who pushed every commit, the digests that were shown, and whose comments they are. Shell.

Who pushed what before is forgotten: it was taken from whoever opened a pull request. Where an
approval is required, an open pull request is pushed to once more.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.engine import Connection

from gitbot.adapters.stores.tables.columns import Instant

revision = "0004"
down_revision: str | None = "0003"
branch_labels = None
depends_on = None

_STACK = ("environment", "stack", "region")


def upgrade() -> None:
    """Make the new tables and columns, and fill in what earlier runs say."""
    op.drop_table("pushes")
    op.create_table(
        "pushers",
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("commit_id", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("repository", "commit_id", "login", name=op.f("pk_pushers")),
    )
    op.create_table(
        "shown_digests",
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("pull_request", sa.BigInteger(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in (*_STACK, "digest")),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "repository", "pull_request", *_STACK, "digest", name=op.f("pk_shown_digests")
        ),
    )
    op.add_column("said_comments", sa.Column("restored_at", sa.DateTime(timezone=True)))
    op.create_index("ix_said_comments_by_id", "said_comments", ["repository", "comment"])
    op.add_column("commands", sa.Column("author_id", sa.BigInteger()))
    _fill_shown_digests(op.get_bind())


def _fill_shown_digests(connection: Connection) -> None:
    """The digests of the plans, and of the held applies, that were shown on a pull request."""
    key = ("repository", "pull_request", *_STACK, "digest")
    runs = sa.table("runs", *map(sa.column, key), sa.column("shown_at", Instant()))
    shown = sa.table("shown_digests", *map(sa.column, key), sa.column("shown_at", Instant()))
    columns = [runs.c[name] for name in key]
    first = (
        sa.select(*columns, sa.func.min(runs.c.shown_at))
        .where(runs.c.pull_request.is_not(None), runs.c.shown_at.is_not(None))
        .group_by(*columns)
    )
    connection.execute(sa.insert(shown).from_select([*key, "shown_at"], first))
