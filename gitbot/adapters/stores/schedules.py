"""Keep in an SQL table what the environments wait for. Shell."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gitbot.adapters.stores import keys
from gitbot.adapters.stores.database import reading, upsert, writing
from gitbot.adapters.stores.tables.schedules import schedules as _TABLE
from gitbot.decisions.time.schedules import next_due, settle
from gitbot.errors import InvariantError
from gitbot.model.codec import from_data, to_data
from gitbot.model.names import EnvironmentKey
from gitbot.model.time import Firing, Schedule, ScheduleRow, Work
from gitbot.model.values import canonical_json

_KEY = ("repository", "environment", "work", "name")


class SqlSchedules:
    """The ``Schedules`` port on an engine from ``open_database``. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def replace(
        self,
        environment: EnvironmentKey,
        work: Work,
        schedules: Iterable[Schedule],
        *,
        at: datetime,
    ) -> None:
        """Keep these schedules of the work and no others. Idempotent.

        A schedule that keeps its name keeps when it has fired last, also when the rest of it
        changes. ``at`` is the calendar's time: a new schedule fires for nothing that was before,
        and what fired after it counts as never fired.

        Raises:
            InvariantError: a schedule is another environment's or work's, or two have one name.
        """
        wanted = _by_name(environment, work, schedules)
        with writing(self._engine) as connection:
            mine = (*keys.of_environment(_TABLE, environment), _TABLE.c.work == work.value)
            # Documents are compared and not read: those of another version are written anew.
            known = {row.name: row for row in connection.execute(_locked(*mine))}
            for name in sorted(known.keys() - wanted.keys()):
                connection.execute(sa.delete(_TABLE).where(*mine, _TABLE.c.name == name))
            for name, schedule in sorted(wanted.items()):
                since, last = (
                    (known[name].since, known[name].last_fired) if name in known else (at, None)
                )
                kept = ScheduleRow(schedule=schedule, since=since, last_fired=last)
                row = _values(settle(kept, at))
                # Most rows stay as they are, after most pushes all.
                if name not in known or known[name]._asdict() != row:
                    upsert(connection, _TABLE, row, _KEY)

    def owners(self, repository: str) -> frozenset[tuple[EnvironmentKey, str]]:
        """The environments of the repository that have rows, each with the work of the rows."""
        query = (
            sa.select(_TABLE.c.environment, _TABLE.c.work)
            .where(_TABLE.c.repository == repository)
            .distinct()
        )
        with reading(self._engine) as connection:
            return frozenset(
                (EnvironmentKey(repository=repository, environment=row.environment), row.work)
                for row in connection.execute(query)
            )

    def of_repository(self, repository: str) -> tuple[ScheduleRow, ...]:
        """All rows of the repository, by environment, work and name."""
        return self._rows(_TABLE.c.repository == repository)

    def due(self, repositories: Collection[str], now: datetime) -> tuple[ScheduleRow, ...]:
        """The rows of these repositories that are due by ``now``, or that fired after it."""
        return self._rows(
            _TABLE.c.repository.in_(sorted(repositories)),
            sa.or_(_TABLE.c.due_at <= now, _TABLE.c.last_fired > now),
        )

    def fired(self, firing: Firing, *, now: datetime) -> None:
        """Record that the job of the firing is enqueued. Does nothing when a later one up to now is."""
        with writing(self._engine) as connection:
            for row in _read(connection, _locked(*_one(firing.schedule))):
                kept = settle(row, now)
                if kept.last_fired is None or kept.last_fired < firing.instant:
                    fired = _values(replace(kept, last_fired=firing.instant))
                    upsert(connection, _TABLE, fired, _KEY)

    def _rows(self, *conditions: sa.ColumnElement[bool]) -> tuple[ScheduleRow, ...]:
        with reading(self._engine) as connection:
            return _read(connection, _query(*conditions))


def _by_name(
    environment: EnvironmentKey, work: Work, given: Iterable[Schedule]
) -> Mapping[str, Schedule]:
    found: dict[str, Schedule] = {}
    for schedule in given:
        if (schedule.environment, schedule.work) != (environment, work):
            raise InvariantError(f"The schedule {schedule.name} is not of {environment}'s {work}.")
        if found.setdefault(schedule.name, schedule) is not schedule:
            raise InvariantError(f"Two schedules are called {schedule.name}.")
    return found


def _one(schedule: Schedule) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        *keys.of_environment(_TABLE, schedule.environment),
        _TABLE.c.work == schedule.work.value,
        _TABLE.c.name == schedule.name,
    )


def _query(*conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return sa.select(_TABLE).where(*conditions).order_by(*(_TABLE.c[name] for name in _KEY))


def _locked(*conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Locks the rows, so that no server brings back one that another has just removed."""
    return _query(*conditions).with_for_update()


def _read(connection: Connection, query: sa.Select[Any]) -> tuple[ScheduleRow, ...]:
    return tuple(
        ScheduleRow(
            schedule=from_data(json.loads(row.document), Schedule),
            since=row.since,
            last_fired=row.last_fired,
        )
        for row in connection.execute(query)
    )


def _values(row: ScheduleRow) -> dict[str, Any]:
    schedule = row.schedule
    return {
        "repository": schedule.environment.repository,
        "environment": schedule.environment.environment,
        "work": schedule.work.value,
        "name": schedule.name,
        "since": row.since,
        "last_fired": row.last_fired,
        "due_at": next_due(row),
        "document": canonical_json(to_data(schedule)),
    }
