"""Wipe from a database what was deleted or overwritten, so that no file of it tells it any more. Shell."""

from __future__ import annotations

import time
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

_WAIT_S = 15.0


def compact(engine: Engine, tables: Sequence[str]) -> tuple[str, ...]:
    """Rewrite the database without what was deleted; returns what remains to be done by hand.

    SQLite: https://www.sqlite.org/lang_vacuum.html, others may read meanwhile, and writers wait.
    PostgreSQL: https://www.postgresql.org/docs/current/sql-vacuum.html, each table is locked meanwhile.
    """
    if engine.dialect.name == "sqlite":
        return _compact_file(engine)
    return _compact_tables(engine, tables)


def _compact_file(engine: Engine) -> tuple[str, ...]:
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("VACUUM")
        deadline = time.monotonic() + _WAIT_S
        # The log still has the former pages until nobody reads from it.
        while cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            if time.monotonic() > deadline:
                return (
                    "Somebody reads the database all the time, so its -wal file keeps former values: run it again.",
                )
            time.sleep(0.05)
    finally:
        raw.close()
    return ()


def _compact_tables(engine: Engine, tables: Sequence[str]) -> tuple[str, ...]:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text(f"SET lock_timeout = '{int(_WAIT_S)}s'"))
        try:
            for name in tables:
                connection.execute(sa.text(f"VACUUM FULL {name}"))
        except OperationalError:
            return (
                "A table is in use all the time, so it keeps former values: run it again later.",
            )
        finally:
            connection.execute(sa.text("RESET lock_timeout"))
    return ()
