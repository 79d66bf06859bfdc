"""Run statements on the rows of DBOS where DBOS itself has no call. Shell."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

QUEUED, RUNNING = ("ENQUEUED", "DELAYED"), ("PENDING",)
_STATES = {"ENQUEUED": "queued", "DELAYED": "delayed", "PENDING": "running"}
BATCH = 500

_rows = sa.table(
    "workflow_status",
    sa.column("workflow_uuid", sa.Text),
    sa.column("status", sa.Text),
    sa.column("queue_name", sa.Text),
    sa.column("application_version", sa.Text),
    sa.column("executor_id", sa.Text),
    sa.column("recovery_attempts", sa.BigInteger),
    sa.column("created_at", sa.BigInteger),
    sa.column("updated_at", sa.BigInteger),
    sa.column("completed_at", sa.BigInteger),
    sa.column("started_at_epoch_ms", sa.BigInteger),
    sa.column("owner_xid", sa.Text),
    sa.column("delay_until_epoch_ms", sa.BigInteger),
    sa.column("attributes", sa.JSON),
)
_inputs = sa.table(
    "workflow_input", sa.column("workflow_uuid", sa.Text), sa.column("inputs", sa.Text)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFigures:
    """How many jobs of a kind are in a state, and for how long the oldest could have run."""

    job: str
    state: str
    number: int
    oldest_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueStatus:
    """How many jobs wait (delayed retries included) and run."""

    queued: int
    running: int


def open_engine(url: str) -> sa.Engine:
    """An engine on the tables of DBOS: the schema ``dbos`` of PostgreSQL, or the SQLite file."""
    if sa.make_url(url).get_backend_name() != "sqlite":
        options = {"options": "-c search_path=dbos", "application_name": "gitbot queue"}
        return sa.create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args=options)
    engine = sa.create_engine(url, hide_parameters=True)
    with engine.connect() as connection:
        # The setting stays in the file, so DBOS's connections use it too: then readers never wait.
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")
    return engine


def supersede(engine: sa.Engine, prefix: str, id_: str) -> None:
    """Cancel the queued jobs whose id begins with ``prefix`` and that are older than job ``id_``.

    Only older ones: two jobs that are enqueued at once may both be there before either gets here,
    and each would cancel the other. This is one statement, because DBOS's own ``cancel_workflow``
    also cancels a job that began after we looked, and so frees its partition while it runs.
    """
    _cancel(
        engine,
        sa.func.substr(_rows.c.workflow_uuid, 1, len(prefix)) == prefix,
        _earlier(id_, sqlite=engine.dialect.name == "sqlite"),
        _rows.c.status.in_(QUEUED),
    )


def is_replaced(engine: sa.Engine, prefix: str, id_: str) -> bool:
    """Whether a job whose id begins with ``prefix`` was enqueued after job ``id_``."""
    query = sa.select(sa.func.count()).where(
        sa.func.substr(_rows.c.workflow_uuid, 1, len(prefix)) == prefix,
        _rows.c.workflow_uuid != id_,
        sa.not_(_earlier(id_, sqlite=engine.dialect.name == "sqlite")),
    )
    with engine.connect() as connection:
        return bool(connection.scalar(query))


def cancel_other_versions(engine: sa.Engine, version: str) -> Sequence[str]:
    """Cancel the unfinished jobs of every other version; returns their ids."""
    return _cancel(
        engine,
        _rows.c.application_version.is_distinct_from(version),
        _rows.c.status.in_((*QUEUED, *RUNNING)),
    )


def cancel_version(engine: sa.Engine, version: str) -> Sequence[str]:
    """Cancel the unfinished jobs of that version; returns their ids."""
    return _cancel(
        engine, _rows.c.application_version == version, _rows.c.status.in_((*QUEUED, *RUNNING))
    )


def other_versions(engine: sa.Engine, version: str) -> set[str]:
    """The other versions of which jobs are unfinished."""
    query = sa.select(_rows.c.application_version).where(
        _rows.c.status.in_((*QUEUED, *RUNNING)), _rows.c.application_version != version
    )
    with engine.connect() as connection:
        return set(connection.scalars(query.distinct()))


def _cancel(engine: sa.Engine, *which: sa.ColumnElement[bool]) -> Sequence[str]:
    now_ms = int(time.time() * 1000)
    statement = (
        sa.update(_rows)
        .where(*which)
        .values(status="CANCELLED", queue_name=None, updated_at=now_ms, completed_at=now_ms)
        .returning(_rows.c.workflow_uuid)
    )
    with engine.begin() as connection:
        return connection.scalars(statement).all()


def executors(engine: sa.Engine, version: str) -> set[str]:
    """The ids of the processes under which jobs of that version run, or ran when they died."""
    query = sa.select(_rows.c.executor_id).where(
        _rows.c.status.in_(RUNNING), _rows.c.application_version == version
    )
    with engine.connect() as connection:
        return set(connection.scalars(query.distinct()))


def running_of(engine: sa.Engine, executor_id: str, version: str) -> set[str]:
    """The ids of the jobs of that version that run in that process, as far as the database knows."""
    query = sa.select(_rows.c.workflow_uuid).where(
        _rows.c.status.in_(RUNNING),
        _rows.c.application_version == version,
        _rows.c.executor_id == executor_id,
    )
    with engine.connect() as connection:
        return set(connection.scalars(query))


def requeue(engine: sa.Engine, executor_id: str, ids: Collection[str]) -> None:
    """Queue jobs again that run in that process, as DBOS does with those of a dead one."""
    which = _rows.c.workflow_uuid.in_(sorted(ids)), _rows.c.status.in_(RUNNING)
    statement = sa.update(_rows).where(*which, _rows.c.executor_id == executor_id)
    queued = {"status": "ENQUEUED", "owner_xid": None, "started_at_epoch_ms": None}
    with engine.begin() as connection:
        connection.execute(statement.values(**queued, updated_at=int(time.time() * 1000)))


def starts(engine: sa.Engine, id_: str) -> int:
    """How often the job has begun, this time included."""
    query = sa.select(_rows.c.recovery_attempts).where(_rows.c.workflow_uuid == id_)
    with engine.connect() as connection:
        return int(connection.scalars(query).one())


def attributes(engine: sa.Engine, id_: str) -> Mapping[str, str]:
    """What was enqueued beside the job, that is not part of it; empty when it was nothing."""
    query = sa.select(_rows.c.attributes).where(_rows.c.workflow_uuid == id_)
    with engine.connect() as connection:
        found = connection.scalars(query).one()
    return {str(name): str(value) for name, value in (found or {}).items()}


def figures(engine: sa.Engine) -> Sequence[JobFigures]:
    """How many jobs of each kind wait, are delayed and run."""
    columns = _rows.c
    # The first argument of the one workflow is the name of the key.
    if engine.dialect.name == "sqlite":
        job = sa.func.json_extract(_inputs.c.inputs, "$.positionalArgs[0]")
    else:
        job = sa.cast(_inputs.c.inputs, JSONB)["positionalArgs"][0].astext
    # A retry could not run before its delay was over.
    since = sa.func.coalesce(columns.delay_until_epoch_ms, columns.created_at)
    query = (
        sa.select(job.label("job"), columns.status, sa.func.count(), sa.func.min(since))
        .join(_inputs, _inputs.c.workflow_uuid == columns.workflow_uuid)
        .where(columns.status.in_((*QUEUED, *RUNNING)))
        .group_by(sa.text("job"), columns.status)
    )
    with engine.connect() as connection:
        found = connection.execute(query).all()
    now = time.time()
    return [
        JobFigures(
            job=job, state=_STATES[status], number=number, oldest_s=max(0.0, now - at / 1000)
        )
        for job, status, number, at in found
    ]


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
    """Whether a row was inserted before the row of ``id_``. The order is total."""
    own, columns = _rows.alias("own"), _rows.c
    mine = sa.select(own.c.created_at).where(own.c.workflow_uuid == id_)
    if sqlite:
        # On SQLite DBOS keeps whole seconds, so its times do not order rows.
        mine = mine.with_only_columns(sa.literal_column("own.rowid"), maintain_column_froms=True)
        return sa.literal_column("workflow_status.rowid") < mine.scalar_subquery()
    at = mine.scalar_subquery()
    same = sa.and_(columns.created_at == at, columns.workflow_uuid < id_)
    return sa.or_(columns.created_at < at, same)
