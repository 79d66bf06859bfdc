"""Bring the tables of a database up to date, and keep a copy of what they were before. Shell."""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gitbot.adapters.stores.migrations import HEAD
from gitbot.errors import UserError

if TYPE_CHECKING:
    from alembic.config import Config

COPY: Final = "gitbot_before_"
"""What the name of a schema begins with that has a copy of the tables."""

log = logging.getLogger(__name__)


def revision_of(connection: Connection) -> str | None:
    """The revision of the tables; None if there are none."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return None if found is None else str(found)


def known_revisions() -> tuple[str, ...]:
    """Every revision of the tables that this gitbot can bring up to date, newest first."""
    from alembic.script import ScriptDirectory

    found = ScriptDirectory.from_config(alembic_config()).walk_revisions()
    return tuple(script.revision for script in found)


def upgrade(connection: Connection) -> None:
    """Upgrade the tables to ``HEAD`` in the connection's transaction, after a copy of those that are there.

    Raises:
        UserError: the database was written by a newer gitbot.
    """
    # Imported here: it takes a tenth of a second, and most calls have nothing to migrate.
    from alembic import command

    config = alembic_config()
    config.attributes["connection"] = connection
    found = revision_of(connection)
    if found is not None:
        if found not in known_revisions():
            raise UserError(
                f"The database was written by a newer gitbot (its tables are at revision {found},"
                f" this one knows them up to {HEAD}). Install that gitbot again, or name another"
                " database."
            )
        _keep_copy(connection, found)
    command.upgrade(config, HEAD)


def alembic_config() -> Config:
    """What Alembic needs to run the revisions; ``attributes["connection"]`` is still to be given."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def _keep_copy(connection: Connection, revision: str) -> None:
    if connection.dialect.name == "postgresql":
        where = _copy_into_schema(connection, revision)
    else:
        where = (
            f"a copy of before is {_copy_file(Path(str(connection.engine.url.database)), revision)}"
        )
    begins = f"the tables of the database are brought from revision {revision} to {HEAD}"
    log.warning("%s; %s", begins, where)


def _copy_file(database: Path, revision: str) -> Path:
    """A copy of the file beside it. The transaction of the upgrade keeps other writers out meanwhile."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    copy = database.with_name(f"{database.name}.revision-{revision}-{stamp}")
    os.close(os.open(copy, os.O_CREAT | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
    return copy


def _copy_into_schema(connection: Connection, revision: str) -> str:
    """Copy the tables into a schema of their own, if this user may make one; returns where to find them."""
    may = sa.text("SELECT has_database_privilege(current_database(), 'CREATE')")
    if not connection.scalar(may):
        return "no copy was made, because this user may not create a schema: keep your pg_dump"
    inspector = sa.inspect(connection)
    for schema in inspector.get_schema_names():
        if schema.startswith(COPY):
            connection.exec_driver_sql(f'DROP SCHEMA "{schema}" CASCADE')
    copy = f"{COPY}{revision}"
    tables = [f'"{name}"' for name in sorted(inspector.get_table_names())]
    connection.exec_driver_sql(f'CREATE SCHEMA "{copy}"')
    connection.exec_driver_sql(f"LOCK TABLE {', '.join(tables)} IN SHARE MODE")
    for name in tables:
        connection.exec_driver_sql(f'CREATE TABLE "{copy}".{name} AS TABLE {name}')
    return f"a copy of before is in the schema {copy}"
