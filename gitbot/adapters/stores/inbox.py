"""Keep in an SQL table the deliveries that wait until their jobs are queued. Shell."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any, get_args

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gitbot.adapters.stores.database import insert_new, reading, writing
from gitbot.adapters.stores.sealed import opened
from gitbot.adapters.stores.tables.journal import deliveries as _TABLE
from gitbot.model.codec import from_data, to_data
from gitbot.model.events import Delivery, Event
from gitbot.model.values import canonical_json

FORMAT = 1
"""Raise it when an earlier gitbot could not read what this one writes."""
_TYPES = {type_.__name__: type_ for type_ in get_args(Event)}
_AT_ONCE = 500


class SqlInbox:
    """The ``Inbox`` port on an engine from ``open_database``. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, deliveries: Collection[Delivery], at: datetime) -> None:
        """Keep these deliveries, all or none. Those that are known stay as they are, settled or not."""
        # In one order: two servers that are sent the same ones must not wait for each other.
        rows = [_row(one, at) for one in sorted(deliveries, key=lambda one: one.id)]
        with writing(self._engine) as connection:
            insert_new(connection, _TABLE, rows)

    def waiting(self, most: int) -> tuple[Delivery, ...]:
        """Deliveries that are not settled, oldest first, but none that a newer gitbot wrote."""
        query = (
            sa.select(_TABLE.c.id, _TABLE.c.event, _TABLE.c.document)
            .where(_TABLE.c.document.is_not(None), _TABLE.c.format <= FORMAT)
            .order_by(_TABLE.c.heard_at, _TABLE.c.id)
            .limit(most)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return tuple(
            Delivery(
                id=row.id,
                event_name=row.event,
                event=_event(opened(self._engine, _TABLE.c.document, row)),
            )
            for row in rows
        )

    def backlog(self) -> tuple[int, datetime | None]:
        """How many deliveries are not settled, and when the oldest of them came."""
        query = sa.select(sa.func.count(), sa.func.min(_TABLE.c.heard_at))
        with reading(self._engine) as connection:
            number, oldest = connection.execute(query.where(_TABLE.c.document.is_not(None))).one()
        return number, oldest

    def woke_since(self, at: datetime) -> int:
        """How many deliveries were settled with a ``woke_at`` after ``at``."""
        query = sa.select(sa.func.count()).where(_TABLE.c.woke_at > at)
        with reading(self._engine) as connection:
            return int(connection.scalar(query) or 0)

    def settle(self, ids: Collection[str], *, woke_at: datetime | None) -> None:
        """Record that nothing is left to do for these deliveries, and forget what they say."""
        all_ = sorted(ids)
        for start in range(0, len(all_), _AT_ONCE):
            some = all_[start : start + _AT_ONCE]
            done = sa.update(_TABLE).where(_TABLE.c.id.in_(some), _TABLE.c.document.is_not(None))
            with writing(self._engine) as connection:
                connection.execute(done.values(document=None, woke_at=woke_at))

    def prune(self, before: datetime) -> None:
        """Delete the deliveries that came before that time."""
        with writing(self._engine) as connection:
            connection.execute(sa.delete(_TABLE).where(_TABLE.c.heard_at < before))


def _row(delivery: Delivery, at: datetime) -> dict[str, Any]:
    event = {"type": type(delivery.event).__name__, "event": to_data(delivery.event)}
    return {
        "id": delivery.id,
        "event": delivery.event_name,
        "heard_at": at,
        "document": canonical_json(event),
        "format": FORMAT,
    }


def _event(document: str) -> Event:
    data = json.loads(document)
    event: Event = from_data(data["event"], _TYPES[data["type"]])
    return event
