"""Delete old runs, but never the last of anything. Shell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gitbot.adapters.stores.database import reading, writing
from gitbot.adapters.stores.tables.runs import run_documents, runs
from gitbot.model.runs import RunKind, RunStatus

# Small, so that others wait only milliseconds for the lock of SQLite.
BATCH = 500

_newer = runs.alias("newer")
_SAME_STACK = (
    _newer.c.repository == runs.c.repository,
    _newer.c.environment == runs.c.environment,
    _newer.c.stack == runs.c.stack,
    _newer.c.region == runs.c.region,
    _newer.c.kind == runs.c.kind,
)


def prune(engine: Engine, before: datetime) -> int:
    """Delete the ended runs that started before this instant; returns how many.

    Some runs are kept, however old they are: runs that are running or held, applies of the tip that
    have not been reported, the newest run of each stack, kind and status, and the plan shown last
    of each stack on each pull request. Each transaction deletes ``BATCH`` runs with their
    documents.
    """
    # A run that may be deleted now may be deleted later too: it never becomes the newest again.
    with reading(engine) as connection:
        found: list[str] = list(connection.scalars(_deletable(before)))
    return sum(_delete(engine, batch) for batch in _batches(found))


def _deletable(before: datetime) -> sa.Select[Any]:
    return sa.select(runs.c.id).where(
        runs.c.started_at < before,
        runs.c.status.not_in([RunStatus.RUNNING.value, RunStatus.HELD.value]),
        _has_newer_of_its_status(),
        sa.not_(_is_untold()),
        sa.or_(
            runs.c.kind != RunKind.PLAN.value, runs.c.shown_at.is_(None), _has_plan_shown_later()
        ),
    )


def _has_newer_of_its_status() -> sa.ColumnElement[bool]:
    return (
        sa.select(sa.literal(1))
        .where(*_SAME_STACK, _newer.c.status == runs.c.status, _newer.c.sequence > runs.c.sequence)
        .correlate(runs)
        .exists()
    )


def _is_untold() -> sa.ColumnElement[bool]:
    return sa.and_(
        runs.c.kind == RunKind.APPLY.value,
        runs.c.status.in_([RunStatus.APPLIED.value, RunStatus.FAILED.value]),
        runs.c.head.is_(None),
        runs.c.shown_at.is_(None),
    )


def _has_plan_shown_later() -> sa.ColumnElement[bool]:
    return (
        sa.select(sa.literal(1))
        .where(
            *_SAME_STACK,
            _newer.c.pull_request == runs.c.pull_request,
            sa.tuple_(_newer.c.shown_at, _newer.c.sequence)
            > sa.tuple_(runs.c.shown_at, runs.c.sequence),
        )
        .correlate(runs)
        .exists()
    )


def _batches(ids: Sequence[str]) -> Iterator[list[str]]:
    rest = iter(ids)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _delete(engine: Engine, ids: Sequence[str]) -> int:
    with writing(engine) as connection:
        connection.execute(sa.delete(run_documents).where(run_documents.c.run.in_(ids)))
        return connection.execute(sa.delete(runs).where(runs.c.id.in_(ids))).rowcount
