"""What gitbot has heard, planned and done, in SQL tables. Shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gitbot.adapters import run_rows as rows
from gitbot.adapters import tables
from gitbot.adapters.stores.database import insert_once, reading, upsert, writing
from gitbot.errors import InvariantError
from gitbot.model.names import EnvironmentKey, Sha, StackId
from gitbot.model.plan import Plan, WalkResult
from gitbot.model.run import Claim, Command, CommandStatus, Run, RunKind, RunStatus
from gitbot.model.values import Json, canonical_json, sha256_hex

# Three days is how long GitHub lets a delivery be sent again.
# https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks
DELIVERIES_KEPT = timedelta(days=30)
FINAL = tuple(
    status.value
    for status in (RunStatus.APPLIED, RunStatus.FAILED, RunStatus.SUPERSEDED, RunStatus.RELEASED)
)


class _InTheWay(Exception):
    """Rolls a claim back; carries the claims that stand."""

    def __init__(self, standing: Mapping[StackId, Claim]) -> None:
        self.standing = standing
        super().__init__("claimed by others")


class SqlRunStore:
    """A ``RunStore`` on an engine from ``open_database``. Safe to share between threads.

    Every method raises ``TransientError`` when the database is locked, full or away; nothing was
    written then.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def hear_delivery(self, delivery: str, event: str, at: datetime) -> bool:
        """Remember a webhook delivery; False when it was known already.

        Deliveries are forgotten ``DELIVERIES_KEPT`` after they were heard.
        """
        row = {"id": delivery, "event": event, "heard_at": at}
        with writing(self._engine) as connection:
            connection.execute(
                sa.delete(tables.deliveries).where(
                    tables.deliveries.c.heard_at < at - DELIVERIES_KEPT
                )
            )
            return insert_once(connection, tables.deliveries, row)

    # --- runs

    def add_run(self, run: Run) -> None:
        """Insert a run; the same id again is left as it is."""
        with writing(self._engine) as connection:
            insert_once(connection, tables.runs, rows.run_row(run))

    def update_run(
        self,
        run_id: str,
        status: RunStatus,
        *,
        at: datetime,
        plan: Plan | None = None,
        result: WalkResult | None = None,
        error: str | None = None,
        epoch: int | None = None,
    ) -> None:
        """Move a run on; what is None stays as it is. Final runs are left alone.

        A plan brings its digest along. Every status but ``RUNNING`` sets ``finished_at``.

        Raises:
            InvariantError: there is no such run.
        """
        news: dict[str, Any] = {"status": status.value}
        if status is not RunStatus.RUNNING:
            news["finished_at"] = at
        if plan is not None:
            news |= {"plan": rows.document(plan), "digest": plan.digest}
        if result is not None:
            news["result"] = rows.document(result)
        if error is not None:
            news["error"] = error
        if epoch is not None:
            news["epoch"] = epoch
        columns = tables.runs.c
        with writing(self._engine) as connection:
            found = connection.scalar(sa.select(columns.id).where(columns.id == run_id))
            if found is None:
                raise InvariantError(f"There is no run {run_id} to bring to {status}.")
            connection.execute(
                sa.update(tables.runs)
                .where(columns.id == run_id, columns.status.not_in(FINAL))
                .values(**news)
            )

    def release_run(self, run_id: str, actor: str, at: datetime) -> None:
        """Move a held run to released, by ``actor``; a run that is not held is left alone."""
        columns = tables.runs.c
        with writing(self._engine) as connection:
            connection.execute(
                sa.update(tables.runs)
                .where(columns.id == run_id, columns.status == RunStatus.HELD.value)
                .values(status=RunStatus.RELEASED.value, actor=actor, finished_at=at)
            )

    def run(self, run_id: str) -> Run | None:
        """The run, if there is one."""
        return self._one_run(tables.runs.c.id == run_id)

    def runs_of_pull_request(self, repository: str, number: int) -> tuple[Run, ...]:
        """All its runs, oldest first."""
        return self._runs(
            *rows.of_pull_request(tables.runs, repository, number),
            order=tables.runs.c.sequence,
        )

    def runs_of_stack(self, stack: StackId, limit: int = 50) -> tuple[Run, ...]:
        """The stack's runs, newest first."""
        return self._runs(
            *rows.of_stack(tables.runs, stack), order=tables.runs.c.sequence.desc(), limit=limit
        )

    def shown_plan(self, stack: StackId, number: int) -> Run | None:
        """The plan run of the stack that was shown last on that pull request."""
        return self._shown(stack, number, tables.runs.c.shown_at.is_not(None))

    def shown_plan_before(self, stack: StackId, number: int, at: datetime) -> Run | None:
        """The plan run of the stack that was shown last on that pull request at that instant."""
        return self._shown(stack, number, tables.runs.c.shown_at <= at)

    def _shown(self, stack: StackId, number: int, condition: sa.ColumnElement[bool]) -> Run | None:
        columns = tables.runs.c
        return self._one_run(
            *rows.of_stack(tables.runs, stack),
            columns.pull_request == number,
            columns.kind == RunKind.PLAN.value,
            condition,
            order=(columns.shown_at.desc(), columns.sequence.desc()),
        )

    def mark_shown(self, run_ids: Sequence[str], at: datetime) -> None:
        """The runs' plans stand on the pull request for people to read; the first time counts."""
        columns = tables.runs.c
        with writing(self._engine) as connection:
            connection.execute(
                sa.update(tables.runs)
                .where(columns.id.in_(run_ids), columns.shown_at.is_(None))
                .values(shown_at=at)
            )

    def held(self, environment: EnvironmentKey) -> tuple[Run, ...]:
        """Applies of the environment that wait for consent, oldest first."""
        columns = tables.runs.c
        return self._runs(
            *rows.of_environment(tables.runs, environment),
            columns.status == RunStatus.HELD.value,
            columns.kind == RunKind.APPLY.value,
            order=columns.sequence,
        )

    def _runs(
        self,
        *conditions: sa.ColumnElement[bool],
        order: sa.ColumnElement[Any],
        limit: int | None = None,
    ) -> tuple[Run, ...]:
        query = sa.select(tables.runs).where(*conditions).order_by(order).limit(limit)
        with reading(self._engine) as connection:
            found = connection.execute(query).all()
        return tuple(rows.run_of(row) for row in found)

    def _one_run(
        self, *conditions: sa.ColumnElement[bool], order: Sequence[sa.ColumnElement[Any]] = ()
    ) -> Run | None:
        query = sa.select(tables.runs).where(*conditions).order_by(*order).limit(1)
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else rows.run_of(row)

    # --- commands

    def add_command(self, command: Command) -> bool:
        """Keep a command; False when this line of this comment was known already."""
        with writing(self._engine) as connection:
            return insert_once(connection, tables.commands, rows.command_row(command))

    def answer_command(
        self, comment: int, line: int, status: CommandStatus, answer: str | None
    ) -> None:
        """Close a command; one that is closed already stays as it was answered first."""
        columns = tables.commands.c
        with writing(self._engine) as connection:
            connection.execute(
                sa.update(tables.commands)
                .where(
                    columns.comment == comment,
                    columns.line == line,
                    columns.status == CommandStatus.HEARD.value,
                )
                .values(status=status.value, answer=answer)
            )

    def open_commands(self, repository: str) -> tuple[Command, ...]:
        """Commands that are heard and neither done nor refused, oldest first."""
        columns = tables.commands.c
        return self._commands(
            columns.repository == repository, columns.status == CommandStatus.HEARD.value
        )

    def commands_of_comment(self, comment: int) -> tuple[Command, ...]:
        """The comment's commands in order of their lines."""
        return self._commands(tables.commands.c.comment == comment)

    def _commands(self, *conditions: sa.ColumnElement[bool]) -> tuple[Command, ...]:
        columns = tables.commands.c
        query = (
            sa.select(tables.commands)
            .where(*conditions)
            .order_by(columns.written_at, columns.comment, columns.line)
        )
        with reading(self._engine) as connection:
            found = connection.execute(query).all()
        return tuple(rows.command_of(row) for row in found)

    # --- claims

    def claim(self, claims: Sequence[Claim]) -> Mapping[StackId, Claim]:
        """Take all claims or none, in one transaction; the pull request's own are renewed.

        Returns the claims of *other* pull requests that stand in the way; empty: all were taken.
        """
        try:
            with writing(self._engine) as connection:
                # In one order, so that two that want the same stacks cannot wait for each other.
                wanted = sorted(claims, key=lambda claim: claim.stack)
                found = {claim.stack: _take(connection, claim) for claim in wanted}
                standing = {
                    claim.stack: found[claim.stack]
                    for claim in wanted
                    if found[claim.stack].pull_request != claim.pull_request
                }
                if standing:
                    raise _InTheWay(standing)
        except _InTheWay as stop:
            return stop.standing
        return {}

    def claims(self, environment: EnvironmentKey) -> tuple[Claim, ...]:
        """The environment's standing claims, by stack."""
        return self._claims(*rows.of_environment(tables.claims, environment))

    def claims_of_pull_request(self, repository: str, number: int) -> tuple[Claim, ...]:
        """The pull request's standing claims, by stack."""
        return self._claims(*rows.of_pull_request(tables.claims, repository, number))

    def _claims(self, *conditions: sa.ColumnElement[bool]) -> tuple[Claim, ...]:
        columns = tables.claims.c
        query = (
            sa.select(tables.claims)
            .where(*conditions)
            .order_by(columns.environment, columns.stack, columns.region)
        )
        with reading(self._engine) as connection:
            found = connection.execute(query).all()
        return tuple(rows.claim_of(row) for row in found)

    def close_claims(self, repository: str, number: int) -> None:
        """The pull request was closed unmerged: its claims now wait for the tip to be applied."""
        with writing(self._engine) as connection:
            connection.execute(
                sa.update(tables.claims)
                .where(*rows.of_pull_request(tables.claims, repository, number))
                .values(closed=True)
            )

    def release_claims(self, stacks: Sequence[StackId]) -> None:
        """End the claims."""
        with writing(self._engine) as connection:
            for stack in sorted(stacks):
                connection.execute(
                    sa.delete(tables.claims).where(*rows.of_stack(tables.claims, stack))
                )

    # --- what is known of the forge

    def note_push(self, repository: str, head: Sha, pusher: str) -> None:
        """Who pushed this head to a pull request; the first one told stays."""
        row = {"repository": repository, "head": head, "pusher": pusher}
        with writing(self._engine) as connection:
            insert_once(connection, tables.pushes, row)

    def pusher(self, repository: str, head: Sha) -> str | None:
        """Who pushed this head, if a delivery told."""
        columns = tables.pushes.c
        return self._value(columns.pusher, columns.repository == repository, columns.head == head)

    def slot(self, repository: str, number: int, name: str) -> tuple[int, str] | None:
        """The recorded (id, hash of the body) of something that gitbot keeps on a pull request."""
        columns = tables.slots.c
        query = sa.select(columns.remote, columns.body_hash).where(
            *rows.of_pull_request(tables.slots, repository, number), columns.name == name
        )
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else (row.remote, row.body_hash)

    def put_slot(self, repository: str, number: int, name: str, id_: int, body: str) -> None:
        """Record it; ``body`` is kept as its hex SHA-256."""
        key = {"repository": repository, "pull_request": number, "name": name}
        self._put(tables.slots, key, {"remote": id_, "body_hash": sha256_hex(body)})

    def pull_request_mark(self, repository: str, number: int) -> str | None:
        """The fingerprint of the world (tip, head, serials) at the last finished plan job."""
        table = tables.pull_request_marks
        return self._value(table.c.mark, *rows.of_pull_request(table, repository, number))

    def put_pull_request_mark(self, repository: str, number: int, mark: str) -> None:
        """Record it."""
        key = {"repository": repository, "pull_request": number}
        self._put(tables.pull_request_marks, key, {"mark": mark})

    def applied_tip(self, environment: EnvironmentKey) -> Sha | None:
        """The tip that the environment's last finished apply job was made for."""
        table = tables.applied_tips
        tip = self._value(table.c.tip, *rows.of_environment(table, environment))
        return None if tip is None else Sha(tip)

    def put_applied_tip(self, environment: EnvironmentKey, tip: Sha) -> None:
        """Record it."""
        key = {"repository": environment.repository, "environment": environment.environment}
        self._put(tables.applied_tips, key, {"tip": tip})

    def note_repository(self, id_: str, full_name: str) -> None:
        """The repository's name of now; a name that another one had before is taken from it."""
        table, lookup = tables.repositories, full_name.lower()
        row = {"id": id_, "full_name": full_name, "lookup": lookup}
        with writing(self._engine) as connection:
            connection.execute(sa.delete(table).where(table.c.lookup == lookup, table.c.id != id_))
            upsert(connection, table, row, ("id",))

    def repository_id(self, full_name: str) -> str | None:
        """The id of the repository that has this name now, in any letter case, if it was noted."""
        columns = tables.repositories.c
        return self._value(columns.id, columns.lookup == full_name.lower())

    def audit(
        self, *, at: datetime, actor: str, action: str, subject: str, detail: Mapping[str, Json]
    ) -> None:
        """Append an audit row."""
        row = {
            "at": at,
            "actor": actor,
            "action": action,
            "subject": subject,
            "detail": canonical_json(detail),
        }
        with writing(self._engine) as connection:
            connection.execute(sa.insert(tables.audit), row)

    def _value(
        self, column: sa.ColumnElement[str], *conditions: sa.ColumnElement[bool]
    ) -> str | None:
        with reading(self._engine) as connection:
            return connection.scalar(sa.select(column).where(*conditions))

    def _put(self, table: sa.Table, key: Mapping[str, Any], news: Mapping[str, Any]) -> None:
        with writing(self._engine) as connection:
            upsert(connection, table, {**key, **news}, tuple(key))


def _take(connection: Connection, claim: Claim) -> Claim:
    """Take one claim if it is free or the pull request's own; the one that stands then."""
    row = rows.claim_row(claim)
    where = rows.of_stack(tables.claims, claim.stack)
    query = sa.select(tables.claims).where(*where).with_for_update()
    while not insert_once(connection, tables.claims, row):
        found = connection.execute(query).one_or_none()
        if found is None:
            continue  # released between the two statements
        standing = rows.claim_of(found)
        if standing.pull_request != claim.pull_request:
            return standing
        connection.execute(sa.update(tables.claims).where(*where).values(**row))
        break
    return claim
