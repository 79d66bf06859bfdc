"""Define the tables of what GitHub does not tell about pull requests. Pure."""

from __future__ import annotations

import sqlalchemy as sa

from gitbot.adapters.stores.tables.columns import Instant, metadata, pull_request_key

pushers = sa.Table(
    "pushers",
    metadata,
    sa.Column("repository", sa.Text, primary_key=True),
    sa.Column("commit_id", sa.Text, primary_key=True),
    sa.Column("login", sa.Text, primary_key=True),
)

# The digests that the comments of a pull request have ever shown, with GitHub's time of the first.
shown_digests = sa.Table(
    "shown_digests",
    metadata,
    *pull_request_key(),
    sa.Column("environment", sa.Text, primary_key=True),
    sa.Column("stack", sa.Text, primary_key=True),
    sa.Column("region", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("shown_at", Instant, nullable=False),
    # The kind and the subject of the comment's topic.
    sa.Column("kind", sa.Text),
    sa.Column("subject", sa.Text),
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

# What a plan comment is about to show: the row goes when it is recorded that it does.
showings = sa.Table(
    "showings",
    metadata,
    *pull_request_key(),
    # The Showing as JSON.
    sa.Column("showing", sa.Text, nullable=False),
)
