"""The rows of the job queue that are asked for by what DBOS has no call for. Shell."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

QUEUED, RUNNING = ("ENQUEUED", "DELAYED"), ("PENDING",)
BATCH = 500

_rows = sa.table(
    "workflow_status",
    sa.column("workflow_uuid", sa.Text),
    sa.column("status", sa.Text),
    sa.column("queue_name", sa.Text),
    sa.column("created_at", sa.BigInteger),
    sa.column("updated_at", sa.BigInteger),
    sa.column("completed_at", sa.BigInteger),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueStatus:
    """How many jobs wait (delayed retries included) and run, and since when the oldest waits."""

    queued: int
    running: int
    oldest_queued_s: float


def open_engine(url: str) -> sa.Engine:
    """An engine on the tables of DBOS: in the schema ``dbos``, on SQLite in the file itself."""
    engine = sa.create_engine(url, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            # Kept in the file, so DBOS's own connections use it: readers then never wait.
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        return engine
    return engine.execution_options(schema_translate_map={None: "dbos"})


def supersede(engine: sa.Engine, prefix: str, id_: str) -> None:
    """Cancel what was queued under the prefix before the job ``id_``, in one conditional statement.

    Of two jobs that are enqueued at once only the later one supersedes: both are there before
    either gets here, and each would cancel the other.
    DBOS's own ``cancel_workflow`` would also cancel a job that has begun since it was looked
    up, and that frees its partition while it still runs.
    """
    now_ms = int(time.time() * 1000)
    with engine.begin() as connection:
        connection.execute(
            sa.update(_rows)
            .where(
                sa.func.substr(_rows.c.workflow_uuid, 1, len(prefix)) == prefix,
                _earlier(id_, sqlite=engine.dialect.name == "sqlite"),
                _rows.c.status.in_(QUEUED),
            )
            .values(status="CANCELLED", queue_name=None, updated_at=now_ms, completed_at=now_ms)
        )


def status(engine: sa.Engine) -> QueueStatus:
    """What waits and what runs."""
    columns = _rows.c
    query = (
        sa.select(columns.status, sa.func.count(), sa.func.min(columns.created_at))
        .where(columns.status.in_((*QUEUED, *RUNNING)))
        .group_by(columns.status)
    )
    with engine.connect() as connection:
        found = {row[0]: (row[1], row[2]) for row in connection.execute(query)}
    oldest = found["ENQUEUED"][1] / 1000 if "ENQUEUED" in found else time.time()
    return QueueStatus(
        queued=sum(found.get(status, (0, 0))[0] for status in QUEUED),
        running=sum(found.get(status, (0, 0))[0] for status in RUNNING),
        oldest_queued_s=max(0.0, time.time() - oldest),
    )


def ended_before(engine: sa.Engine, at_ms: int) -> Sequence[str]:
    """Ids of jobs that ended before that time, at most ``BATCH`` of them."""
    query = (
        sa.select(_rows.c.workflow_uuid)
        .where(_rows.c.updated_at < at_ms, _rows.c.status.not_in((*QUEUED, *RUNNING)))
        .limit(BATCH)
    )
    with engine.connect() as connection:
        return connection.scalars(query).all()


def _earlier(id_: str, *, sqlite: bool) -> sa.ColumnElement[bool]:
    """Whether a row was inserted before that of ``id_``: a total order, so that one is the last."""
    own, columns = _rows.alias("own"), _rows.c
    mine = sa.select(own.c.created_at).where(own.c.workflow_uuid == id_)
    if sqlite:
        # DBOS's times are whole seconds there.
        mine = mine.with_only_columns(sa.literal_column("own.rowid"), maintain_column_froms=True)
        return sa.literal_column("workflow_status.rowid") < mine.scalar_subquery()
    at = mine.scalar_subquery()
    same = sa.and_(columns.created_at == at, columns.workflow_uuid < id_)
    return sa.or_(columns.created_at < at, same)
