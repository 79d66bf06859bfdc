"""Define the tables of what GitHub does not tell about pull requests. Pure."""

from __future__ import annotations

import sqlalchemy as sa

from gitbot.adapters.stores.tables.columns import Instant, metadata, pull_request_key

pushes = sa.Table(
    "pushes",
    metadata,
    sa.Column("repository", sa.Text, primary_key=True),
    sa.Column("head", sa.Text, primary_key=True),
    sa.Column("pusher", sa.Text, nullable=False),
)

fork_heads = sa.Table(
    "fork_heads",
    metadata,
    *pull_request_key(),
    sa.Column("head", sa.Text, primary_key=True),
    sa.Column("told_at", Instant, nullable=False),
    sa.Column("leave", sa.Text),
)

planned_pull_requests = sa.Table(
    "planned_pull_requests",
    metadata,
    *pull_request_key(),
    # The PlannedMark as JSON.
    sa.Column("mark", sa.Text, nullable=False),
)
