"""Keep repositories, applied tips and the audit in SQL tables. Shell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gitbot.adapters.stores import keys
from gitbot.adapters.stores.database import reading, upsert, writing
from gitbot.adapters.stores.sealed import seal_row
from gitbot.adapters.stores.tables import journal as tables
from gitbot.model.names import EnvironmentKey, Sha
from gitbot.model.values import Json, canonical_json


class SqlJournal:
    """The ``Journal`` port on an engine from ``open_database``. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def applied_tip(self, environment: EnvironmentKey) -> Sha | None:
        """The tip that the environment's last finished apply job was made for."""
        table = tables.applied_tips
        query = sa.select(table.c.tip).where(*keys.of_environment(table, environment))
        with reading(self._engine) as connection:
            tip = connection.scalar(query)
        return None if tip is None else Sha(tip)

    def environments_of(self, repository: str) -> tuple[str, ...]:
        """The environments of the repository in which an apply job has ever finished, sorted."""
        columns = tables.applied_tips.c
        query = sa.select(columns.environment).where(columns.repository == repository)
        with reading(self._engine) as connection:
            return tuple(connection.scalars(query.order_by(columns.environment)))

    def applied_times(self, environment: EnvironmentKey) -> int:
        """How often a tip was recorded for the environment."""
        with reading(self._engine) as connection:
            return int(connection.scalar(_times(environment)) or 0)

    def put_applied_tip(self, environment: EnvironmentKey, tip: Sha) -> None:
        """Record the tip; it replaces the one recorded before."""
        key = {"repository": environment.repository, "environment": environment.environment}
        with writing(self._engine) as connection:
            times = int(connection.scalar(_times(environment)) or 0) + 1
            row = {**key, "tip": tip, "times": times}
            upsert(connection, tables.applied_tips, row, tuple(key))

    def note_repository(self, id_: str, full_name: str) -> None:
        """Record the repository's name; another repository that had this name loses it."""
        table, lookup = tables.repositories, full_name.lower()
        row = {"id": id_, "full_name": full_name, "lookup": lookup}
        with writing(self._engine) as connection:
            connection.execute(sa.delete(table).where(table.c.lookup == lookup, table.c.id != id_))
            upsert(connection, table, row, ("id",))

    def repositories(self) -> Mapping[str, str]:
        """The names of all repositories that were noted, by id."""
        columns = tables.repositories.c
        with reading(self._engine) as connection:
            return {
                row[0]: row[1]
                for row in connection.execute(sa.select(columns.id, columns.full_name))
            }

    def repository_id(self, full_name: str) -> str | None:
        """The id of the repository that has this name now, in any letter case, if it was noted."""
        table = tables.repositories
        query = sa.select(table.c.id).where(table.c.lookup == full_name.lower())
        with reading(self._engine) as connection:
            return connection.scalar(query)

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
            connection.execute(sa.insert(tables.audit), seal_row(connection, tables.audit, row))


def _times(environment: EnvironmentKey) -> sa.Select[Any]:
    table = tables.applied_tips
    return sa.select(table.c.times).where(*keys.of_environment(table, environment))
