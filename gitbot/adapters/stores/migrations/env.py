"""Run the revisions for Alembic, on the caller's connection and in its transaction. Shell."""

from __future__ import annotations

from alembic import context

from gitbot.adapters.stores.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
context.run_migrations()
