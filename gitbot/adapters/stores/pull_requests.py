"""Keep what GitHub does not tell about pull requests in SQL tables. Shell."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gitbot.adapters.stores import keys
from gitbot.adapters.stores.database import insert_once, reading, upsert, writing
from gitbot.adapters.stores.tables.pull_requests import fork_heads, planned_pull_requests, pushes
from gitbot.errors import InvariantError
from gitbot.model.codec import from_data, to_data
from gitbot.model.names import Sha
from gitbot.model.said import ForkHead, PlannedMark
from gitbot.model.values import canonical_json


class SqlPullRequests:
    """The ``PullRequests`` port on an engine from ``open_database``.

    Safe to share between threads.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def note_push(self, repository: str, head: Sha, pusher: str) -> None:
        """Record who pushed this head to a pull request; the first name recorded stays."""
        row = {"repository": repository, "head": head, "pusher": pusher}
        with writing(self._engine) as connection:
            insert_once(connection, pushes, row)

    def pusher(self, repository: str, head: Sha) -> str | None:
        """Who pushed this head, if a delivery said so."""
        query = sa.select(pushes.c.pusher).where(
            pushes.c.repository == repository, pushes.c.head == head
        )
        with reading(self._engine) as connection:
            return connection.scalar(query)

    def tell_fork_head(self, repository: str, number: int, head: Sha, at: datetime) -> None:
        """Record that gitbot has told people of a fork's head; only the first time is kept."""
        row = {"repository": repository, "pull_request": number, "head": head, "told_at": at}
        with writing(self._engine) as connection:
            insert_once(connection, fork_heads, row)

    def give_leave(self, repository: str, number: int, head: Sha, command: str) -> None:
        """Record that this command lets the fork's head be planned.

        Raises:
            InvariantError: gitbot has not told anybody of that head.
        """
        with writing(self._engine) as connection:
            given = connection.execute(
                sa.update(fork_heads)
                .where(
                    *keys.of_pull_request(fork_heads, repository, number),
                    fork_heads.c.head == head,
                )
                .values(leave=command)
            )
            if given.rowcount == 0:
                raise InvariantError(
                    f"Leave was given for {head}, but nobody was told of that head."
                )

    def fork_head(self, repository: str, number: int, head: Sha) -> ForkHead | None:
        """What is known of a fork's head."""
        query = sa.select(fork_heads).where(
            *keys.of_pull_request(fork_heads, repository, number), fork_heads.c.head == head
        )
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        return ForkHead(head=Sha(row.head), told_at=row.told_at, leave=row.leave)

    def planned(self, repository: str, numbers: Collection[int]) -> Mapping[int, PlannedMark]:
        """The marks of those pull requests that have been planned: what their shown plans depend
        on."""
        columns = planned_pull_requests.c
        query = (
            sa.select(columns.pull_request, columns.mark)
            .where(columns.repository == repository, columns.pull_request.in_(numbers))
            .order_by(columns.pull_request)
        )
        with reading(self._engine) as connection:
            found = connection.execute(query).all()
        return {row.pull_request: from_data(json.loads(row.mark), PlannedMark) for row in found}

    def put_planned(self, repository: str, number: int, mark: PlannedMark) -> None:
        """Record what the shown plan depends on; it replaces the mark recorded before."""
        key = {"repository": repository, "pull_request": number}
        row = {**key, "mark": canonical_json(to_data(mark))}
        with writing(self._engine) as connection:
            upsert(connection, planned_pull_requests, row, tuple(key))
