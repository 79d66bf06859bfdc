"""Keep in SQL tables when stacks expire, which warnings were delivered, and what happened. Shell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gitbot.adapters.stores import keys
from gitbot.adapters.stores.database import insert_once, reading, upsert, writing
from gitbot.adapters.stores.tables.expiry import expiries, expiry_transitions, expiry_warnings
from gitbot.model.codec import from_data, to_data
from gitbot.model.expiry import Delivery, Expiry, Stage, Transition
from gitbot.model.names import EnvironmentKey, StackId
from gitbot.model.values import canonical_json

_KEY = ("repository", "environment", "stack", "region")


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

    def put(self, expiry: Expiry, reason: str, at: datetime) -> None:
        """Record the row and, with a reason, the transition, in one transaction."""
        values = {
            **keys.stack_columns(expiry.stack),
            "pull_request": expiry.pull_request,
            "issue": expiry.issue,
            "document": canonical_json(to_data(expiry)),
        }
        with writing(self._engine) as connection:
            before = _read(connection, expiry.stack)
            upsert(connection, expiries, values, _KEY)
            if reason:
                step = _step(before, expiry, expiry.expires_at, reason, at)
                _append(connection, expiry.stack, step)

    def remove(self, stack: StackId, reason: str, at: datetime) -> None:
        """Delete the row and its warnings, and append the transition, in one transaction."""
        with writing(self._engine) as connection:
            before = _read(connection, stack)
            if before is None:
                return
            for table in (expiries, expiry_warnings):
                connection.execute(sa.delete(table).where(*keys.of_stack(table, stack)))
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
        query = sa.select(expiries.c.document).where(*conditions)
        with reading(self._engine) as connection:
            documents = connection.scalars(query).all()
        # Sort here: a database sorts by its own locale.
        return tuple(sorted(map(_decoded, documents), key=lambda row: row.stack))


def _read(connection: Connection, stack: StackId) -> Expiry | None:
    query = sa.select(expiries.c.document).where(*keys.of_stack(expiries, stack))
    text = connection.scalar(query)
    return None if text is None else _decoded(text)


def _decoded(text: str) -> Expiry:
    return from_data(json.loads(text), Expiry)


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
