"""Keep in SQL tables what people froze and withdrew, and what waits for a freeze to end. Shell."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gitbot.adapters.stores import keys
from gitbot.adapters.stores.database import insert_once, reading, upsert, writing
from gitbot.adapters.stores.tables.freezes import freezes, frozen_applies, withdrawals
from gitbot.model.codec import from_data, to_data
from gitbot.model.freeze import FrozenApply, HandFreeze, Withdrawal
from gitbot.model.names import EnvironmentKey, StackId
from gitbot.model.values import canonical_json

_STACK = ("repository", "environment", "stack", "region")

T = TypeVar("T")


class SqlFreezes:
    """The ``Freezes`` port on an engine from ``open_database``. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def freeze(self, freeze: HandFreeze) -> HandFreeze:
        """Freeze the environment; returns the freeze that stands, which may be an earlier one."""
        with writing(self._engine) as connection:
            if insert_once(connection, freezes, _row(freeze)):
                return freeze
            return _one(connection, freeze.environment) or freeze

    def frozen(self, environment: EnvironmentKey) -> HandFreeze | None:
        """The freeze of the environment that a person made; None when there is none."""
        with reading(self._engine) as connection:
            return _one(connection, environment)

    def of_issue(self, repository: str, number: int) -> HandFreeze | None:
        """The freeze that the issue tells of; None when it tells of none that stands."""
        query = sa.select(freezes.c.document).where(
            freezes.c.repository == repository, freezes.c.issue == number
        )
        with reading(self._engine) as connection:
            return next(_read(connection, query, HandFreeze), None)

    def note_issue(self, environment: EnvironmentKey, number: int) -> None:
        """Record the issue that tells of the environment's freeze."""
        with writing(self._engine) as connection:
            known = _one(connection, environment)
            if known is not None:
                row = _row(replace(known, issue=number))
                upsert(connection, freezes, row, ("repository", "environment"))

    def unfreeze(self, environment: EnvironmentKey) -> None:
        """End the freeze. Does nothing when there is none."""
        with writing(self._engine) as connection:
            where = keys.of_environment(freezes, environment)
            connection.execute(sa.delete(freezes).where(*where))

    def wait(self, applies: Iterable[FrozenApply]) -> None:
        """Record that these applies wait. ``since`` stays the first time of each stack."""
        with writing(self._engine) as connection:
            for apply in sorted(applies, key=lambda each: each.stack):
                where = keys.of_stack(frozen_applies, apply.stack)
                query = sa.select(frozen_applies.c.document).where(*where)
                known = next(_read(connection, query, FrozenApply), apply)
                row = replace(apply, since=known.since)
                _put(connection, frozen_applies, apply.stack, row)

    def waiting(self, environment: EnvironmentKey) -> tuple[FrozenApply, ...]:
        """The applies of the environment that wait, by stack."""
        return self._all(frozen_applies, environment, FrozenApply)

    def end_waiting(self, stacks: Collection[StackId]) -> None:
        """Record that nothing of these stacks waits any more."""
        self._delete(frozen_applies, stacks)

    def withdraw(self, withdrawal: Withdrawal) -> None:
        """Record that the apply of the stack was withdrawn. It replaces an earlier withdrawal."""
        with writing(self._engine) as connection:
            _put(connection, withdrawals, withdrawal.stack, withdrawal)

    def withdrawn(self, environment: EnvironmentKey) -> tuple[Withdrawal, ...]:
        """What was withdrawn in the environment, by stack."""
        return self._all(withdrawals, environment, Withdrawal)

    def end_withdrawal(self, stacks: Collection[StackId]) -> None:
        """Record that the applies of these stacks are wanted again."""
        self._delete(withdrawals, stacks)

    def _all(self, table: sa.Table, environment: EnvironmentKey, type_: type[T]) -> tuple[T, ...]:
        query = (
            sa.select(table.c.document)
            .where(*keys.of_environment(table, environment))
            .order_by(table.c.stack, table.c.region)
        )
        with reading(self._engine) as connection:
            return tuple(_read(connection, query, type_))

    def _delete(self, table: sa.Table, stacks: Collection[StackId]) -> None:
        if not stacks:
            return
        with writing(self._engine) as connection:
            for stack in sorted(stacks):
                connection.execute(sa.delete(table).where(*keys.of_stack(table, stack)))


def _one(connection: Connection, environment: EnvironmentKey) -> HandFreeze | None:
    query = sa.select(freezes.c.document).where(*keys.of_environment(freezes, environment))
    return next(_read(connection, query, HandFreeze), None)


def _read(connection: Connection, query: sa.Select[Any], type_: type[T]) -> Iterator[T]:
    return iter([from_data(json.loads(text), type_) for text in connection.scalars(query)])


def _row(freeze: HandFreeze) -> dict[str, Any]:
    return {
        "repository": freeze.environment.repository,
        "environment": freeze.environment.environment,
        "issue": freeze.issue,
        "document": canonical_json(to_data(freeze)),
    }


def _put(
    connection: Connection, table: sa.Table, stack: StackId, value: FrozenApply | Withdrawal
) -> None:
    row = {**keys.stack_columns(stack), "document": canonical_json(to_data(value))}
    upsert(connection, table, row, _STACK)
