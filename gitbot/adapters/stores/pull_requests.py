"""Keep what GitHub does not tell about pull requests in SQL tables. Shell."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gitbot.adapters.stores import keys
from gitbot.adapters.stores.database import insert_once, reading, upsert, writing
from gitbot.adapters.stores.tables import pull_requests as tables
from gitbot.adapters.stores.tables.pull_requests import fork_heads, planned_pull_requests, showings
from gitbot.errors import InvariantError
from gitbot.model.codec import from_data, to_data
from gitbot.model.names import Sha
from gitbot.model.said import ForkHead, PlannedMark, Showing, ShownDigest, Topic, TopicKind
from gitbot.model.values import canonical_json


class SqlPullRequests:
    """The ``PullRequests`` port on an engine from ``open_database``.

    Safe to share between threads.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def note_push(
        self, repository: str, commits: Collection[Sha], pushers: Collection[str]
    ) -> None:
        """Record that these people pushed these commits; earlier records stay."""
        if not commits:
            return
        with writing(self._engine) as connection:
            for commit in commits:
                for login in pushers:
                    row = {"repository": repository, "commit_id": commit, "login": login}
                    insert_once(connection, tables.pushers, row)

    def pushers(self, repository: str, commits: Collection[Sha]) -> Mapping[Sha, frozenset[str]]:
        """Who pushed these commits, for those of which a delivery said so."""
        columns, found = tables.pushers.c, dict[Sha, frozenset[str]]()
        query = sa.select(columns.commit_id, columns.login).where(
            columns.repository == repository, columns.commit_id.in_(commits)
        )
        with reading(self._engine) as connection:
            for row in connection.execute(query):
                commit = Sha(row.commit_id)
                found[commit] = found.get(commit, frozenset()) | {row.login}
        return found

    def note_shown(self, number: int, shown: Iterable[ShownDigest]) -> None:
        """Record the digests that a comment shows; of each the first time is kept."""
        with writing(self._engine) as connection:
            for each in shown:
                key = {**keys.stack_columns(each.stack), "pull_request": number}
                row: dict[str, Any] = {**key, "digest": each.digest, "shown_at": each.shown_at}
                if each.topic is not None:
                    row |= {"kind": each.topic.kind.value, "subject": each.topic.subject}
                insert_once(connection, tables.shown_digests, row)

    def shown_digests(self, repository: str, number: int) -> tuple[ShownDigest, ...]:
        """Every digest that the pull request has ever shown, in the order of time."""
        table = tables.shown_digests
        query = sa.select(table).where(*keys.of_pull_request(table, repository, number))
        with reading(self._engine) as connection:
            found = [_shown(row) for row in connection.execute(query)]
        return tuple(sorted(found, key=lambda each: (each.shown_at, each.stack, each.digest)))

    def put_showing(self, repository: str, number: int, showing: Showing) -> None:
        """Record what the plan comment is about to show; it replaces what was recorded before."""
        key = {"repository": repository, "pull_request": number}
        row = {**key, "showing": canonical_json(to_data(showing))}
        with writing(self._engine) as connection:
            upsert(connection, showings, row, tuple(key))

    def showings(self, repository: str) -> Mapping[int, Showing]:
        """What the plan comments were about to show, and are not recorded to show, by number."""
        columns = showings.c
        query = sa.select(columns.pull_request, columns.showing).where(
            columns.repository == repository
        )
        with reading(self._engine) as connection:
            found = connection.execute(query).all()
        return {row.pull_request: from_data(json.loads(row.showing), Showing) for row in found}

    def end_showing(self, repository: str, number: int, showing: Showing) -> None:
        """Forget what the plan comment was about to show, unless a newer one was recorded since."""
        with writing(self._engine) as connection:
            connection.execute(
                sa.delete(showings).where(
                    *keys.of_pull_request(showings, repository, number),
                    showings.c.showing == canonical_json(to_data(showing)),
                )
            )

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


def _shown(row: Any) -> ShownDigest:
    return ShownDigest(
        stack=keys.stack_of(row),
        digest=row.digest,
        shown_at=row.shown_at,
        topic=Topic(kind=TopicKind(row.kind), subject=row.subject) if row.kind else None,
    )
