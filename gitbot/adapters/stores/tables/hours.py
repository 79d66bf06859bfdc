"""Define the tables of off-hours: what was done to machines, and what people asked. Pure."""

from __future__ import annotations

import sqlalchemy as sa

from gitbot.adapters.stores.tables.columns import SEALED, Document, environment_key, metadata

machine_hours = sa.Table(
    "machine_hours",
    metadata,
    *environment_key(),
    sa.Column("stack", sa.Text, primary_key=True),
    sa.Column("region", sa.Text, primary_key=True),
    sa.Column("document", Document, nullable=False, info=SEALED),
)

hours_commands = sa.Table(
    "hours_commands",
    metadata,
    *environment_key(),
    sa.Column("stack", sa.Text, primary_key=True),
    sa.Column("region", sa.Text, primary_key=True),
    sa.Column("document", Document, nullable=False, info=SEALED),
)
