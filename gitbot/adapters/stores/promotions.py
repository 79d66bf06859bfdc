"""Keep promotions in an SQL table. Shell."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gitbot.adapters.stores import keys
from gitbot.adapters.stores.database import insert_once, reading, writing
from gitbot.adapters.stores.tables.promotions import promotions
from gitbot.errors import RowChangedError
from gitbot.model.codec import from_data, to_data
from gitbot.model.names import EnvironmentKey
from gitbot.model.promotion import PromotionRow
from gitbot.model.values import canonical_json


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

    def put(self, row: PromotionRow) -> PromotionRow:
        """Record the row with a new version, if it still has the one that was read."""
        after = replace(row, version=uuid4().hex)
        known = row.live or row.merged
        number = row.former if row.live is None and row.former is not None else None
        values = {
            "repository": row.target.repository,
            "environment": row.target.environment,
            "stack": row.stack,
            "number": number or (known.number if known is not None else None),
            "document": canonical_json(to_data(after)),
            "version": after.version,
        }
        with writing(self._engine) as connection:
            if not row.version:
                written = insert_once(connection, promotions, values)
            else:
                here = (
                    *keys.of_environment(promotions, row.target),
                    promotions.c.stack == row.stack,
                    promotions.c.version == row.version,
                )
                change = sa.update(promotions).where(*here).values(**values)
                written = connection.execute(change).rowcount == 1
            if not written:
                raise RowChangedError(
                    f"The promotion of {row.stack} to {row.target.environment} was changed by another "
                    "job since it was read."
                )
        return after

    def _rows(self, *conditions: sa.ColumnElement[bool]) -> tuple[PromotionRow, ...]:
        query = sa.select(promotions.c.document, promotions.c.version).where(*conditions)
        query = query.order_by(promotions.c.environment, promotions.c.stack)
        with reading(self._engine) as connection:
            found = connection.execute(query).all()
        return tuple(map(_decoded, found))


def _decoded(row: Any) -> PromotionRow:
    return replace(from_data(json.loads(row.document), PromotionRow), version=row.version)
