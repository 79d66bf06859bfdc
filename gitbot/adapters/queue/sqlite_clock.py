"""Give an older SQLite the function that DBOS asks it for. Shell.

On Python 3.12 and later DBOS fills times with ``unixepoch('subsec')``. SQLite knows that argument
since 3.42 (https://sqlite.org/changes.html#version_3_42_0); before, it answers NULL, and the first
insert fails. Which SQLite a Python has is the choice of whoever built it, so the version of Python
says nothing about it.
"""

from __future__ import annotations

import sqlite3
import time

import sqlalchemy as sa

_KNOWS_SUBSEC = (3, 42)


def teach_sqlite() -> None:
    """Define ``unixepoch`` on every SQLite connection from now on, where SQLite lacks 'subsec'.

    May be called again. Nothing happens with SQLite 3.42 or later.
    """
    if sqlite3.sqlite_version_info >= _KNOWS_SUBSEC:
        return
    if not sa.event.contains(sa.Engine, "connect", _define):
        sa.event.listen(sa.Engine, "connect", _define)


def _define(connection: object, _record: object) -> None:
    # DBOS makes its engines itself, so this listens on all of them.
    if isinstance(connection, sqlite3.Connection):
        connection.create_function("unixepoch", 1, _now)


def _now(modifier: str) -> float:
    """Seconds since 1970, with parts: the one use of the function in the tables of DBOS."""
    if modifier != "subsec":
        raise ValueError(f"unixepoch({modifier!r}) is not known here")
    return time.time()
