"""Define the table of the keys that values are sealed with. Pure."""

from __future__ import annotations

import sqlalchemy as sa

from gitbot.adapters.stores.tables.columns import metadata

state_keys = sa.Table(
    "state_keys",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    # The key of KMS that wrapped the data key; both are empty for a key of the user's.
    sa.Column("kms", sa.Text, nullable=False),
    sa.Column("wrapped", sa.Text, nullable=False),
    # Whether no value of the database is in plain text.
    sa.Column("whole", sa.Boolean, nullable=False),
)
