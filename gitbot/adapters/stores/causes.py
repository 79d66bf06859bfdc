"""Keep in an SQL table why stacks differ. Shell."""

from __future__ import annotations

import json
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gitbot.adapters.stores import keys
from gitbot.adapters.stores.database import reading, upsert, writing
from gitbot.adapters.stores.sealed import opened, with_place
from gitbot.adapters.stores.tables.causes import drift_causes
from gitbot.model.causes import Cause
from gitbot.model.codec import from_data, to_data
from gitbot.model.names import Address, StackId
from gitbot.model.values import canonical_json

_KEY = ("repository", "environment", "stack", "region")


class SqlCauses:
    """The ``Causes`` port on an engine from ``open_database``. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of_stack(self, stack: StackId) -> Mapping[Address, Cause]:
        """What was found of the stack's resources."""
        column = drift_causes.c.document
        query = sa.select(*with_place(column)).where(*keys.of_stack(drift_causes, stack))
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
            text = "{}" if row is None else opened(connection, column, row)
        return from_data(json.loads(text), dict[Address, Cause])

    def put(self, stack: StackId, causes: Mapping[Address, Cause]) -> None:
        """Record what is known of the stack now; it replaces what was recorded before."""
        values = {**keys.stack_columns(stack), "document": canonical_json(to_data(dict(causes)))}
        with writing(self._engine) as connection:
            upsert(connection, drift_causes, values, _KEY)
