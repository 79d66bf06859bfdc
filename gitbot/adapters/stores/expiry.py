"""Keep in SQL tables when stacks expire, which warnings were delivered, and what happened. Shell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gitbot.adapters.stores import keys
from gitbot.adapters.stores.database import insert_once, reading, writing
from gitbot.adapters.stores.tables.expiry import expiries, expiry_transitions, expiry_warnings
from gitbot.errors import RowChangedError
from gitbot.model.codec import from_data, to_data
from gitbot.model.expiry import Delivery, Expiry, Stage, Transition
from gitbot.model.names import EnvironmentKey, StackId
from gitbot.model.values import canonical_json


class SqlExpiries:
    """The ``Expiries`` port on an engine from ``open_database``. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of_environment(self, environment: EnvironmentKey) -> tuple[Expiry, ...]:
        """The rows of the environment, by stack."""
        return self._rows(*keys.of_environment(expiries, environment))

    def of_stack(self, stack: StackId) -> Expiry | None:
        """The row of the stack, if there is one."""
        return next(iter(self._rows(*keys.of_stack(expiries, stack))), None)

    def of_conversation(self, repository: str, number: int) -> tuple[Expiry, ...]:
        """The rows that the pull request or issue of this number is about, by stack."""
        columns = expiries.c
        here = sa.or_(columns.pull_request == number, columns.issue == number)
        return self._rows(columns.repository == repository, here)

    def put(self, expiry: Expiry, reason: str, at: datetime) -> Expiry:
        """Record the row and, with a reason, the transition, in one transaction."""
        with writing(self._engine) as connection:
            before = _read(connection, expiry.stack)
            after = _write(connection, expiry)
            if reason:
                step = _step(before, after, after.expires_at, reason, at)
                _append(connection, after.stack, step)
        return after

    def rename(self, expiry: Expiry, to: StackId, at: datetime) -> Expiry:
        """Record the row and its warnings under another name, in one transaction."""
        stack, moved = expiry.stack, replace(expiry, stack=to, version="")
        with writing(self._engine) as connection:
            before = _read(connection, stack)
            _delete(connection, expiry)
            after = _write(connection, moved)
            warnings = expiry_warnings
            where = keys.of_stack(warnings, stack)
            connection.execute(sa.update(warnings).where(*where).values(**keys.stack_columns(to)))
            at_end = expiry.expires_at
            gone, here = f"it is called {to.name} now", f"{stack.name} was renamed"
            _append(connection, to, _step(None, after, at_end, here, at))
            _append(connection, stack, _step(before, None, at_end, gone, at))
        return after

    def remove(self, expiry: Expiry, reason: str, at: datetime) -> None:
        """Delete the row and its warnings, and append the transition, in one transaction."""
        stack = expiry.stack
        with writing(self._engine) as connection:
            before = _read(connection, stack)
            if before is None:
                return
            _delete(connection, expiry)
            connection.execute(
                sa.delete(expiry_warnings).where(*keys.of_stack(expiry_warnings, stack))
            )
            _append(connection, stack, _step(before, None, before.expires_at, reason, at))

    def deliver(self, stack: StackId, delivery: Delivery) -> None:
        """Record a delivered warning; only the first time counts."""
        row = {
            **keys.stack_columns(stack),
            "expires_at": delivery.expires_at,
            "threshold_s": int(delivery.threshold.total_seconds()),
            "delivered_at": delivery.delivered_at,
        }
        with writing(self._engine) as connection:
            insert_once(connection, expiry_warnings, row)

    def deliveries(self, environment: EnvironmentKey) -> Mapping[StackId, tuple[Delivery, ...]]:
        """The delivered warnings of the environment, oldest first."""
        query = sa.select(expiry_warnings).where(*keys.of_environment(expiry_warnings, environment))
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        found: dict[StackId, tuple[Delivery, ...]] = {}
        for row in sorted(rows, key=lambda row: row.delivered_at):
            stack = keys.stack_of(row)
            found[stack] = (*found.get(stack, ()), _delivery(row))
        return found

    def history(self, stack: StackId) -> tuple[Transition, ...]:
        """The transitions of the stack, oldest first."""
        query = (
            sa.select(expiry_transitions)
            .where(*keys.of_stack(expiry_transitions, stack))
            .order_by(expiry_transitions.c.id)
        )
        with reading(self._engine) as connection:
            return tuple(_transition(row) for row in connection.execute(query))

    def _rows(self, *conditions: sa.ColumnElement[bool]) -> tuple[Expiry, ...]:
        query = sa.select(expiries.c.document, expiries.c.version).where(*conditions)
        with reading(self._engine) as connection:
            found = connection.execute(query).all()
        # Sort here: a database sorts by its own locale.
        return tuple(sorted(map(_decoded, found), key=lambda row: row.stack))


def _read(connection: Connection, stack: StackId) -> Expiry | None:
    query = sa.select(expiries.c.document, expiries.c.version)
    row = connection.execute(query.where(*keys.of_stack(expiries, stack))).one_or_none()
    return None if row is None else _decoded(row)


def _decoded(row: Any) -> Expiry:
    return replace(from_data(json.loads(row.document), Expiry), version=row.version)


def _write(connection: Connection, expiry: Expiry) -> Expiry:
    """Write the row with a new version, if it still has the one that was read."""
    after = replace(expiry, version=uuid4().hex)
    values = {
        **keys.stack_columns(after.stack),
        "pull_request": after.pull_request,
        "issue": after.issue,
        "document": canonical_json(to_data(after)),
        "version": after.version,
    }
    if not expiry.version:
        written = insert_once(connection, expiries, values)
    else:
        change = sa.update(expiries).where(*_as_read(expiry)).values(**values)
        written = connection.execute(change).rowcount == 1
    if not written:
        raise _changed(expiry)
    return after


def _delete(connection: Connection, expiry: Expiry) -> None:
    """Delete the row, if it still has the version that was read."""
    if connection.execute(sa.delete(expiries).where(*_as_read(expiry))).rowcount != 1:
        raise _changed(expiry)


def _as_read(expiry: Expiry) -> tuple[sa.ColumnElement[bool], ...]:
    return (*keys.of_stack(expiries, expiry.stack), expiries.c.version == expiry.version)


def _changed(expiry: Expiry) -> RowChangedError:
    return RowChangedError(
        f"The expiry of {expiry.stack.label} was changed by another job since it was read."
    )


def _step(
    before: Expiry | None,
    after: Expiry | None,
    expires_at: datetime,
    reason: str,
    at: datetime,
) -> Transition:
    return Transition(
        before=None if before is None else before.stage,
        after=None if after is None else after.stage,
        at=at,
        expires_at=expires_at,
        reason=reason,
    )


def _append(connection: Connection, stack: StackId, step: Transition) -> None:
    row = {
        **keys.stack_columns(stack),
        "before": step.before,
        "after": step.after,
        "at": step.at,
        "expires_at": step.expires_at,
        "reason": step.reason,
    }
    connection.execute(sa.insert(expiry_transitions), row)


def _delivery(row: Any) -> Delivery:
    return Delivery(
        expires_at=row.expires_at,
        threshold=timedelta(seconds=row.threshold_s),
        delivered_at=row.delivered_at,
    )


def _transition(row: Any) -> Transition:
    return Transition(
        before=None if row.before is None else Stage(row.before),
        after=None if row.after is None else Stage(row.after),
        at=row.at,
        expires_at=row.expires_at,
        reason=row.reason,
    )
