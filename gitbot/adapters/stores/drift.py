"""Keep in an SQL table what is known of drift. Shell."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gitbot.adapters.stores import keys
from gitbot.adapters.stores.database import insert_once, reading, upsert, writing
from gitbot.adapters.stores.sealed import opened, with_place
from gitbot.adapters.stores.tables.drift import drift_heals, drift_rows
from gitbot.model.codec import from_data, to_data
from gitbot.model.drift import DriftRow, Finding
from gitbot.model.names import EnvironmentKey, StackId
from gitbot.model.values import canonical_json

_KEPT = timedelta(days=2)
_KEY = ("repository", "environment", "stack", "region", "finding")


class SqlDriftRows:
    """The ``DriftRows`` port on an engine from ``open_database``. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of_environment(self, environment: EnvironmentKey) -> tuple[DriftRow, ...]:
        """The rows of the environment, by stack and finding."""
        return self._rows(*keys.of_environment(drift_rows, environment))

    def of_stack(self, stack: StackId, finding: Finding) -> DriftRow | None:
        """The row of the stack and finding, if there is one."""
        where = (*keys.of_stack(drift_rows, stack), drift_rows.c.finding == finding.value)
        return next(iter(self._rows(*where)), None)

    def of_issue(self, repository: str, number: int) -> DriftRow | None:
        """The row that the issue is about, if there is one."""
        columns = drift_rows.c
        where = (columns.repository == repository, columns.issue == number)
        return next(iter(self._rows(*where)), None)

    def heals(self, stack: StackId) -> tuple[datetime, ...]:
        """When drift of the stack was put back without asking, oldest first."""
        query = (
            sa.select(drift_heals.c.healed_at)
            .where(*keys.of_stack(drift_heals, stack))
            .order_by(drift_heals.c.healed_at)
        )
        with reading(self._engine) as connection:
            return tuple(connection.scalars(query))

    def note_heal(self, stack: StackId, at: datetime) -> None:
        """Record one more, and forget those that no longer matter."""
        where = (*keys.of_stack(drift_heals, stack), drift_heals.c.healed_at < at - _KEPT)
        with writing(self._engine) as connection:
            connection.execute(sa.delete(drift_heals).where(*where))
            row = {**keys.stack_columns(stack), "healed_at": at}
            insert_once(connection, drift_heals, row)

    def put(self, row: DriftRow) -> None:
        """Record the row; it replaces the one recorded before."""
        values = {
            **keys.stack_columns(row.stack),
            "finding": row.finding.value,
            "issue": row.issue,
            "document": canonical_json(to_data(row)),
        }
        with writing(self._engine) as connection:
            upsert(connection, drift_rows, values, _KEY)

    def _rows(self, *conditions: sa.ColumnElement[bool]) -> tuple[DriftRow, ...]:
        query = (
            sa.select(*with_place(drift_rows.c.document))
            .where(*conditions)
            .order_by(*(drift_rows.c[name] for name in _KEY))
        )
        with reading(self._engine) as connection:
            documents = [
                opened(connection, drift_rows.c.document, row) for row in connection.execute(query)
            ]
        return tuple(from_data(json.loads(text), DriftRow) for text in documents)
