"""Keep promotions in an SQL table. Shell."""

from __future__ import annotations

import json

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gitbot.adapters.stores import keys
from gitbot.adapters.stores.database import reading, upsert, writing
from gitbot.adapters.stores.tables.promotions import promotions
from gitbot.model.codec import from_data, to_data
from gitbot.model.names import EnvironmentKey
from gitbot.model.promotion import PromotionRow
from gitbot.model.values import canonical_json

_KEY = ("repository", "environment", "stack")


class SqlPromotions:
    """The ``Promotions`` port on an engine from ``open_database``. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of_target(self, target: EnvironmentKey) -> tuple[PromotionRow, ...]:
        """The rows of the environment that is promoted to, by stack."""
        return self._rows(*keys.of_environment(promotions, target))

    def of_pull_request(self, repository: str, number: int) -> tuple[PromotionRow, ...]:
        """The rows whose open or last merged pull request this is, by target and stack."""
        return self._rows(promotions.c.repository == repository, promotions.c.number == number)

    def put(self, row: PromotionRow) -> None:
        """Record the row. It replaces the earlier one of the target and stack."""
        known = row.live or row.merged
        number = row.former if row.live is None and row.former is not None else None
        values = {
            "repository": row.target.repository,
            "environment": row.target.environment,
            "stack": row.stack,
            "number": number or (known.number if known is not None else None),
            "document": canonical_json(to_data(row)),
        }
        with writing(self._engine) as connection:
            upsert(connection, promotions, values, _KEY)

    def _rows(self, *conditions: sa.ColumnElement[bool]) -> tuple[PromotionRow, ...]:
        query = sa.select(promotions.c.document).where(*conditions)
        query = query.order_by(promotions.c.environment, promotions.c.stack)
        with reading(self._engine) as connection:
            found = connection.scalars(query).all()
        return tuple(from_data(json.loads(text), PromotionRow) for text in found)
