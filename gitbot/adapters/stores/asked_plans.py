"""Keep the plans that people ask a server for in an SQL table. Shell."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gitbot.adapters.stores.database import insert_once, reading, writing
from gitbot.adapters.stores.sealed import opened_if_any, seal_row, with_place
from gitbot.adapters.stores.tables.asked import asked_plans
from gitbot.model.asked_plans import AskedPlan, AskedStatus, PlanAnswer
from gitbot.model.names import Sha

_OPEN = tuple(status.value for status in AskedStatus if not status.ended)


class SqlAskedPlans:
    """The ``AskedPlans`` port on an engine from ``open_database``. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def ask(self, asked: AskedPlan) -> None:
        """Record a plan that somebody asks for."""
        row = {
            "id": asked.id,
            "repository": asked.repository,
            "environment": asked.environment,
            "commit_id": asked.commit,
            "stacks": json.dumps(asked.stacks),
            "asked_by": asked.asked_by,
            "account": asked.account,
            "asked_at": asked.asked_at,
            "status": asked.status.value,
        }
        with writing(self._engine) as connection:
            insert_once(connection, asked_plans, row)

    def get(self, id_: str) -> AskedPlan | None:
        """The plan of this id."""
        columns = [column for column in asked_plans.c if column.name != "answer"]
        with reading(self._engine) as connection:
            row = connection.execute(sa.select(*columns).where(_is(id_))).one_or_none()
        return None if row is None else _asked(row)

    def answer(self, id_: str) -> PlanAnswer | None:
        """The answer; None before there is one."""
        column = asked_plans.c.answer
        with reading(self._engine) as connection:
            row = connection.execute(sa.select(*with_place(column)).where(_is(id_))).one_or_none()
            text = None if row is None else opened_if_any(connection, column, row)
        return None if text is None else _answer(json.loads(text))

    def begin(self, id_: str) -> None:
        """Record that somebody works on the answer."""
        self._move(id_, AskedStatus.RUNNING)

    def end(self, id_: str, answer: PlanAnswer) -> None:
        """Record the answer."""
        status = AskedStatus.FAILED if answer.error else AskedStatus.DONE
        self._move(id_, status, answer=json.dumps(asdict(answer), ensure_ascii=False))

    def prune(self, older_than: timedelta, now: datetime) -> int:
        """Delete the plans that were asked for longer ago. Returns how many."""
        with writing(self._engine) as connection:
            old = asked_plans.c.asked_at < now - older_than
            return int(connection.execute(sa.delete(asked_plans).where(old)).rowcount)

    def _move(self, id_: str, status: AskedStatus, **more: Any) -> None:
        still_open = asked_plans.c.status.in_(_OPEN)
        with writing(self._engine) as connection:
            news = seal_row(connection, asked_plans, {"id": id_, "status": status.value, **more})
            connection.execute(sa.update(asked_plans).where(_is(id_), still_open).values(**news))


def _is(id_: str) -> sa.ColumnElement[bool]:
    return asked_plans.c.id == id_


def _asked(row: Any) -> AskedPlan:
    return AskedPlan(
        id=row.id,
        repository=row.repository,
        environment=row.environment,
        commit=Sha(row.commit_id),
        stacks=tuple(json.loads(row.stacks)),
        asked_by=row.asked_by,
        account=row.account,
        asked_at=row.asked_at,
        status=AskedStatus(row.status),
    )


def _answer(data: dict[str, Any]) -> PlanAnswer:
    lists = {name: tuple(data[name]) for name in ("styles", "diagnostics")}
    return PlanAnswer(**{**data, **lists})
