"""Advisory locks of PostgreSQL, which end with the connection that holds them. Shell.

https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager

import psycopg

from gitbot.errors import UserError

# How soon each side notices that the other one is gone without a word, such as a host without power:
# after about ten seconds. https://www.postgresql.org/docs/current/runtime-config-connection.html
_IDLE_S, _INTERVAL_S, _COUNT = 4, 2, 3
# Not as options of the connection: PgBouncer, also one that keeps sessions, refuses those by default.
_SERVER_SIDE = (
    f"SET tcp_keepalives_idle = {_IDLE_S}; SET tcp_keepalives_interval = {_INTERVAL_S};"
    f" SET tcp_keepalives_count = {_COUNT}"
)
_MIGRATING = "migration of the queue"
_LIVENESS = "gitbot liveness"
_ASK_AGAIN_S = 0.1
_POOLED = (
    "the database is behind a pooler that gives each transaction another connection, and gitbot "
    "needs some that last: set GITBOT_DATABASE_DIRECT to the address of PostgreSQL itself"
)


def connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    """A connection of its own, in autocommit, on which a lock can be held.

    Raises:
        psycopg.OperationalError: the database cannot be reached.
    """
    connection = _connect(url)
    connection.execute(_SERVER_SIDE)
    return connection


def _connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        url.replace("postgresql+psycopg://", "postgresql://", 1),
        autocommit=True,
        connect_timeout=5,
        application_name=_LIVENESS,
        tcp_user_timeout=5000,
        keepalives_idle=_IDLE_S,
        keepalives_interval=_INTERVAL_S,
        keepalives_count=_COUNT,
    )


def key(name: str) -> int:
    """The number of the lock with this name, of 64 bits with a sign."""
    return int.from_bytes(hashlib.sha256(f"gitbot:{name}".encode()).digest()[:8], signed=True)


def try_take(connection: psycopg.Connection[tuple[object, ...]], name: str) -> bool:
    """Take the lock for as long as the connection lives; False if another one has it."""
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", [key(name)]).fetchone()
    return row is not None and row[0] is True


def give(connection: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    """Give back a lock that the connection holds."""
    connection.execute("SELECT pg_advisory_unlock(%s)", [key(name)])


def share(connection: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    """Take the lock beside all others that share it, for as long as the connection lives."""
    connection.execute("SELECT pg_advisory_lock_shared(%s)", [key(name)])


def held(
    connection: psycopg.Connection[tuple[object, ...]], names: Collection[str]
) -> AbstractSet[str]:
    """Those of the locks that somebody holds now. Takes none of them, not even for a moment."""
    # A lock of 64 bits is shown in two halves: https://www.postgresql.org/docs/current/view-pg-locks.html
    found = connection.execute(
        "SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks WHERE locktype = 'advisory'"
        " AND granted AND objsubid = 1"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    ).fetchall()
    numbers = {row[0] for row in found}
    return {name for name in names if key(name) in numbers}


def serving(url: str) -> int:
    """How many servers run at this database: each has a session that keeps its locks.

    https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW

    Raises:
        UserError: the database cannot be reached.
    """
    try:
        with _connect(url) as connection:
            found = connection.execute(
                "SELECT count(DISTINCT activity.pid) FROM pg_stat_activity AS activity"
                " JOIN pg_locks USING (pid) WHERE activity.datname = current_database()"
                " AND activity.application_name = %s AND locktype = 'advisory' AND granted",
                [_LIVENESS],
            ).fetchone()
    except psycopg.OperationalError as error:
        raise UserError(f"the database cannot be reached: {error}") from error
    return int(str(found[0])) if found else 0


@contextmanager
def migrating(url: str) -> Iterator[None]:
    """Hold the lock under which one server after the other brings the tables of DBOS up to date."""
    with connect(url) as connection:
        # Ask again and again: a statement that waits has a snapshot, and ``CREATE INDEX CONCURRENTLY``
        # of the server that migrates would wait for it in turn.
        while not try_take(connection, _MIGRATING):
            time.sleep(_ASK_AGAIN_S)
        yield


def check_direct(url: str) -> None:
    """Check that a connection keeps its session, which a pooler of transactions or statements does not.

    While a second connection is in a transaction, such a pooler must serve the first one by another
    session. https://www.pgbouncer.org/features.html

    Raises:
        UserError: it does not keep it.
        psycopg.OperationalError: the database cannot be reached.
    """
    with _connect(url) as one, _connect(url) as other:
        before = one.info.backend_pid, _pid(one)
        try:
            with other.transaction():
                taken = _pid(other)
                after = _pid(one)
        except psycopg.errors.ProtocolViolation as error:
            # A pooler of statements has no transactions.
            raise UserError(_POOLED) from error
    if taken in before or after != before[1]:
        raise UserError(_POOLED)


def _pid(connection: psycopg.Connection[tuple[object, ...]]) -> object:
    row = connection.execute("SELECT pg_backend_pid()").fetchone()
    return row and row[0]
