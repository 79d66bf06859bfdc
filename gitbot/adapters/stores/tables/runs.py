"""Define the tables of plans and applies. Pure."""

from __future__ import annotations

import sqlalchemy as sa

from gitbot.adapters.stores.tables.columns import (
    COUNTER,
    SEALED,
    Document,
    Instant,
    metadata,
    pull_request_key,
)

_STACK = ("repository", "environment", "stack", "region")

runs = sa.Table(
    "runs",
    metadata,
    # The order in which runs were added; "newest" means the highest.
    sa.Column("sequence", COUNTER, primary_key=True, autoincrement=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("repository", sa.Text, nullable=False),
    sa.Column("environment", sa.Text, nullable=False),
    sa.Column("stack", sa.Text, nullable=False),
    sa.Column("region", sa.Text, nullable=False),
    sa.Column("commit_id", sa.Text, nullable=False),
    sa.Column("head", sa.Text),
    sa.Column("tip", sa.Text, nullable=False),
    sa.Column("pull_request", sa.BigInteger),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("reviewed_digest", sa.Text),
    sa.Column("does", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("actor", sa.Text, nullable=False),
    # The text of the CommandRef that asked for the apply.
    sa.Column("command", sa.Text),
    sa.Column("error", sa.Text, info=SEALED),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("finished_at", Instant),
    sa.Column("epoch", sa.BigInteger),
    sa.Column("shown_at", Instant),
    sa.Column("shown_whole", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index("ix_runs_of_stack", *_STACK, "kind", "status", "sequence"),
    sa.Index("ix_runs_of_command", "command", "sequence"),
    # Finds the held runs, and the runs of the tip that were not reported (head and shown_at NULL).
    sa.Index(
        "ix_runs_by_status", "repository", "environment", "kind", "status", "head", "shown_at"
    ),
    sa.Index("ix_runs_shown", *_STACK, "pull_request", "kind", "shown_at", "sequence"),
    sa.Index(
        "ix_runs_shown_with_digest",
        *_STACK,
        "pull_request",
        "kind",
        "digest",
        "shown_at",
        "sequence",
    ),
    sa.Index("ix_runs_by_start", "started_at", "sequence"),
    info={"place": ("id",)},
)

run_documents = sa.Table(
    "run_documents",
    metadata,
    # ``runs.id``. Not a foreign key: SQLite could then not rebuild ``runs`` in a migration.
    sa.Column("run", sa.Text, primary_key=True),
    sa.Column("plan", Document, nullable=False, info=SEALED),
    sa.Column("result", Document, info=SEALED),
)

# One row for each stack that a pull request has had a run of. A query reads only the rows that it
# returns, and works after old runs are pruned.
pull_request_stacks = sa.Table(
    "pull_request_stacks",
    metadata,
    *pull_request_key(),
    sa.Column("environment", sa.Text, primary_key=True),
    sa.Column("stack", sa.Text, primary_key=True),
    sa.Column("region", sa.Text, primary_key=True),
    sa.Column("applied_before_merge", sa.Boolean, nullable=False),
)
