"""Keep plans and applies in SQL tables. Shell."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gitbot.adapters.stores import keys, retention
from gitbot.adapters.stores import run_rows as rows
from gitbot.adapters.stores.database import insert_once, reading, upsert, writing
from gitbot.adapters.stores.sealed import opened_if_any, seal_row, with_place
from gitbot.adapters.stores.tables.runs import pull_request_stacks, run_documents, runs
from gitbot.errors import InvariantError
from gitbot.model.commands import CommandRef
from gitbot.model.names import EnvironmentKey, StackId
from gitbot.model.plan import Plan, WalkResult
from gitbot.model.runs import Run, RunKind, RunStatus
from gitbot.ports.telemetry import Metric, count

FINAL = tuple(
    status.value
    for status in (RunStatus.APPLIED, RunStatus.FAILED, RunStatus.SUPERSEDED, RunStatus.RELEASED)
)
_TELLABLE = (RunStatus.APPLIED, RunStatus.FAILED, RunStatus.HELD)


class SqlRuns:
    """The ``Runs`` port on an engine from ``open_database``. Safe to share between threads.

    Each query reads the rows that it returns, however long the history is: see the indexes in
    ``tables.runs``.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # --- writing

    def add(self, run: Run, plan: Plan, *, instead_of: str | None = None) -> None:
        """Insert a run with its plan; a run whose id is known is left as it is.

        The held run ``instead_of`` is superseded in the same transaction, so that nobody finds the
        stack without one or with two.

        Raises:
            TypeError: the plan holds a sensitive value.
        """
        document = {"run": run.id, "plan": rows.document(plan)}
        with writing(self._engine) as connection:
            if new := insert_once(connection, runs, rows.run_row(run)):
                insert_once(connection, run_documents, document)
                _note_stack(connection, run)
                ended = _end_held(connection, instead_of, RunStatus.SUPERSEDED, run.started_at)
        if new:
            count(Metric.RUNS, kind=run.kind.value, status=run.status.value)
            _count_ended(ended, RunStatus.SUPERSEDED)

    def move(
        self,
        run_id: str,
        status: RunStatus,
        *,
        at: datetime,
        result: WalkResult | None = None,
        error: str | None = None,
    ) -> None:
        """Set the status of a run, unless its status is final. An argument of None changes nothing.

        Every status but ``RUNNING`` sets ``finished_at``.

        Raises:
            InvariantError: there is no such run.
            TypeError: the result holds a sensitive value.
        """
        news: dict[str, Any] = {"status": status.value}
        if status is not RunStatus.RUNNING:
            news["finished_at"] = at
        if error is not None:
            news["error"] = error
        documents = {} if result is None else {"result": rows.document(result)}
        with writing(self._engine) as connection:
            found = connection.execute(
                sa.select(runs.c.kind, runs.c.status).where(runs.c.id == run_id).with_for_update()
            ).one_or_none()
            if found is None:
                raise InvariantError(f"There is no run {run_id} to set to {status}.")
            if found.status in FINAL:
                return
            sealed = seal_row(connection, runs, {"id": run_id, **news})
            connection.execute(sa.update(runs).where(runs.c.id == run_id).values(**sealed))
            if documents:
                sealed = seal_row(connection, run_documents, {"run": run_id, **documents})
                where = run_documents.c.run == run_id
                connection.execute(sa.update(run_documents).where(where).values(**sealed))
        count(Metric.RUNS, kind=found.kind, status=status.value)

    def release(self, run_id: str, actor: str, at: datetime) -> None:
        """Move a held run to released, by ``actor``; a run that is not held is left alone."""
        with writing(self._engine) as connection:
            ended = _end_held(connection, run_id, RunStatus.RELEASED, at, actor=actor)
        _count_ended(ended, RunStatus.RELEASED)

    def mark_shown(
        self, run_ids: Sequence[str], at: datetime, *, partly: Collection[str] = ()
    ) -> None:
        """Record that GitHub shows the outcome of the runs, all but those of ``partly`` whole.

        Only the first time is kept.
        """
        whole = [each for each in run_ids if each not in partly]
        with writing(self._engine) as connection:
            for ids, shown_whole in ((whole, True), (partly, False)):
                if not ids:
                    continue
                connection.execute(
                    sa.update(runs)
                    .where(runs.c.id.in_(ids), runs.c.shown_at.is_(None))
                    .values(shown_at=at, shown_whole=shown_whole)
                )

    def prune(self, older_than: timedelta, now: datetime) -> int:
        """Delete old runs and their documents, and return how many (see ``retention``).

        If the process dies meanwhile, the next call deletes the rest.
        """
        return retention.prune(self._engine, now - older_than)

    # --- one run

    def get(self, run_id: str) -> Run | None:
        """The run, if there is one."""
        return self._first(sa.select(runs).where(runs.c.id == run_id))

    def plan(self, run_id: str) -> Plan:
        """The run's plan. Raises InvariantError when there is no such run."""
        text = self._document(run_documents.c.plan, run_id)
        if text is None:
            raise InvariantError(f"There is no plan of a run {run_id}.")
        return rows.read_document(text, Plan)

    def result(self, run_id: str) -> WalkResult | None:
        """What the run's walk did, once it has ended."""
        text = self._document(run_documents.c.result, run_id)
        return None if text is None else rows.read_document(text, WalkResult)

    def _document(self, column: sa.Column[str], run_id: str) -> str | None:
        query = sa.select(*with_place(column)).where(run_documents.c.run == run_id)
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
            return None if row is None else opened_if_any(connection, column, row)

    def shown_plan(self, stack: StackId, number: int, at: datetime | None = None) -> Run | None:
        """The plan run of the stack that was shown last on that pull request, up to ``at`` if
        given."""
        condition = runs.c.shown_at.is_not(None) if at is None else runs.c.shown_at <= at
        return self._first(_shown(stack, number).where(condition))

    def shown_with_digest(self, stack: StackId, number: int, digest: str) -> Run | None:
        """The newest shown plan run of the stack on that pull request that has this digest."""
        return self._first(
            _shown(stack, number).where(runs.c.digest == digest, runs.c.shown_at.is_not(None))
        )

    def _first(self, query: sa.Select[Any]) -> Run | None:
        with reading(self._engine) as connection:
            row = connection.execute(query.limit(1)).one_or_none()
        return None if row is None else rows.run_of(self._engine, row)

    # --- many runs

    def of_stack(
        self,
        stack: StackId,
        kind: RunKind,
        statuses: Collection[RunStatus] = (),
        *,
        limit: int = 50,
    ) -> tuple[Run, ...]:
        """The stack's runs of this kind, newest first; with ``statuses``, only those."""
        query = (
            sa.select(runs)
            .where(*keys.of_stack(runs, stack), runs.c.kind == kind.value)
            .order_by(runs.c.sequence.desc())
            .limit(limit)
        )
        found = self._by_status(query, statuses or tuple(RunStatus))
        return tuple(rows.run_of(self._engine, row) for row in reversed(found[-limit:]))

    def of_command(self, command: CommandRef) -> tuple[Run, ...]:
        """The applies that the command asked for, oldest first."""
        query = sa.select(runs).where(runs.c.command == str(command)).order_by(runs.c.sequence)
        with reading(self._engine) as connection:
            found = connection.execute(query).all()
        return tuple(rows.run_of(self._engine, row) for row in found)

    def held(self, environment: EnvironmentKey) -> tuple[Run, ...]:
        """Applies of the environment that wait for consent, oldest first."""
        found = self._by_status(_applies(environment), (RunStatus.HELD,))
        return tuple(rows.run_of(self._engine, row) for row in found)

    def running(self, environment: EnvironmentKey) -> tuple[Run, ...]:
        """Applies of the environment that have begun and not ended, oldest first."""
        found = self._by_status(_applies(environment), (RunStatus.RUNNING,))
        return tuple(rows.run_of(self._engine, row) for row in found)

    def untold(self, environment: EnvironmentKey) -> tuple[Run, ...]:
        """Applies of the tip that have not been reported, oldest first.

        They have no ``head``, and are applied, failed or held.
        """
        query = _applies(environment).where(runs.c.head.is_(None), runs.c.shown_at.is_(None))
        return tuple(rows.run_of(self._engine, row) for row in self._by_status(query, _TELLABLE))

    def _by_status(self, query: sa.Select[Any], statuses: Collection[RunStatus]) -> list[Any]:
        """The rows of the query with these statuses, oldest first.

        Asks for one status at a time, so that an index finds exactly the rows to return. With
        ``status IN (...)`` the database would read and sort all of them.
        """
        with reading(self._engine) as connection:
            found = [
                row
                for status in statuses
                for row in connection.execute(query.where(runs.c.status == status.value))
            ]
        return sorted(found, key=lambda row: int(row.sequence))

    # --- pull requests

    def applied_by(self, repository: str, number: int) -> tuple[StackId, ...]:
        """The stacks that this pull request has begun to apply before its merge, however long ago."""
        table = pull_request_stacks
        query = sa.select(table).where(
            *keys.of_pull_request(table, repository, number), table.c.applied_before_merge
        )
        with reading(self._engine) as connection:
            return tuple(sorted(map(keys.stack_of, connection.execute(query))))

    def environments_of(self, repository: str, number: int) -> tuple[str, ...]:
        """The environments that the pull request has ever had a plan or apply in, by name."""
        table = pull_request_stacks
        query = (
            sa.select(table.c.environment)
            .where(*keys.of_pull_request(table, repository, number))
            .distinct()
        )
        with reading(self._engine) as connection:
            return tuple(sorted(connection.scalars(query)))


def _end_held(
    connection: Connection, run_id: str | None, status: RunStatus, at: datetime, **news: str
) -> bool:
    """Whether the run was held; its status is ``status`` then."""
    if run_id is None:
        return False
    held = sa.update(runs).where(runs.c.id == run_id, runs.c.status == RunStatus.HELD.value)
    done = connection.execute(held.values(status=status.value, finished_at=at, **news))
    return bool(done.rowcount)


def _count_ended(ended: bool, status: RunStatus) -> None:
    if ended:
        count(Metric.RUNS, kind=RunKind.APPLY.value, status=status.value)


def _note_stack(connection: Connection, run: Run) -> None:
    """Record that the run's pull request has had a run of its stack."""
    if run.pull_request is None:
        return
    before_merge = run.kind is RunKind.APPLY and run.head is not None
    key = {**keys.stack_columns(run.stack), "pull_request": run.pull_request}
    row = {**key, "applied_before_merge": before_merge}
    if before_merge:
        upsert(connection, pull_request_stacks, row, tuple(key))
    else:
        insert_once(connection, pull_request_stacks, row)


def _applies(environment: EnvironmentKey) -> sa.Select[Any]:
    return sa.select(runs).where(
        *keys.of_environment(runs, environment), runs.c.kind == RunKind.APPLY.value
    )


def _shown(stack: StackId, number: int) -> sa.Select[Any]:
    """The stack's plan runs of the pull request, the one shown last first."""
    return (
        sa.select(runs)
        .where(
            *keys.of_stack(runs, stack),
            runs.c.pull_request == number,
            runs.c.kind == RunKind.PLAN.value,
        )
        .order_by(runs.c.shown_at.desc(), runs.c.sequence.desc())
    )
