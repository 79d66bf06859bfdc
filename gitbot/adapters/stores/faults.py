"""Say what is wrong with a database: it is away, full or damaged. Pure.

https://www.sqlite.org/rescode.html and https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

from __future__ import annotations

import json
import sqlite3
from typing import Final

from sqlalchemy.engine import Engine
from sqlalchemy.exc import DatabaseError, OperationalError

from gitbot.errors import AbsentStoreError, BrokenStoreError


class DamagedValueError(ValueError):
    """A value of a row is not what is written there."""


UNREADABLE: Final = (json.JSONDecodeError, UnicodeDecodeError, DamagedValueError, ExceptionGroup)
"""What reading a damaged row raises; a document that does not fit its type raises a group. SQLite's own message can
have bytes of a damaged file that are no text."""

_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_LACKS: Final = ("no such table", "no such column", "Could not decode")
_BROKEN: Final = frozenset({"42703", "42P01", "XX001", "XX002"})
"""PostgreSQL's codes for a column or table that is not there, and for broken pages. A right that is missing is none."""
_DISK_FULL: Final = "53100"


def shown(engine: Engine) -> str:
    """The address of the database as people write it, without a password."""
    url = engine.url.set(query={}, drivername=engine.url.get_backend_name())
    return url.render_as_string(hide_password=True)


def fault_of(engine: Engine, error: DatabaseError) -> Exception:
    """The error to raise in its place; itself, where it says nothing of the whole database."""
    cause = error.orig
    code, state = getattr(cause, "sqlite_errorcode", 0) & 0xFF, getattr(cause, "sqlstate", None)
    if code in _DAMAGED or state in _BROKEN or str(cause).startswith(_LACKS):
        return damaged(engine, cause or error)
    if code == sqlite3.SQLITE_FULL or state == _DISK_FULL:
        return AbsentStoreError(
            f"There is no space left for the database {shown(engine)}: {cause}. Free some on that disk first."
        )
    if isinstance(error, OperationalError):
        return AbsentStoreError(f"The database {shown(engine)} did not answer or refused: {cause}.")
    return error


def damaged(engine: Engine, cause: BaseException) -> BrokenStoreError:
    """The error that the database is damaged, with the ways on."""
    where = engine.url.database if engine.dialect.name == "sqlite" else None
    restore = f"`gitbot restore FILE --store {where}`" if where else "restore the database"
    away = "move it away" if where else "empty it"
    return BrokenStoreError(
        f"The database {shown(engine)} is damaged: {words_of(cause)}. Nothing was written to it. If you have a backup, put it "
        f"back ({restore}) and run `gitbot recover ENVIRONMENT` for what came after it. If you have none, {away} and "
        "run `gitbot recover ENVIRONMENT --new-store`: docs/state.md."
    )


def words_of(cause: BaseException) -> str:
    """What was found, without what the row holds: that may be secret."""
    if isinstance(cause, ExceptionGroup):
        return f"a row is not as gitbot wrote it ({cause.message})"
    if isinstance(cause, UnicodeDecodeError):
        return "it has bytes that are no text"
    if isinstance(cause, json.JSONDecodeError):
        return f"a row has no JSON ({cause.msg})"
    if getattr(cause, "sqlite_errorcode", 0) == sqlite3.SQLITE_NOTADB:
        return f"{cause} (is that the right path?)"
    return str(cause).rstrip(".")
