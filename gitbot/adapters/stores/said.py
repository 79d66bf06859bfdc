"""Keep what gitbot has said on GitHub, and where, in SQL tables. Shell."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gitbot.adapters.stores.database import insert_once, reading, upsert, writing
from gitbot.adapters.stores.sealed import opened_if_any, with_place
from gitbot.adapters.stores.tables.said import said_checks, said_comments, told
from gitbot.model.names import Sha
from gitbot.model.said import DOUBTED, SaidComment, Topic, TopicKind

_ISSUE = Topic(kind=TopicKind.WAITING)
_NO_NUMBER = 0
"""The issue is no comment in a conversation: its row stands under the number that none has."""


class SqlSaid:
    """The ``Said`` port on an engine from ``open_database``. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def comment(self, repository: str, number: int, topic: Topic) -> SaidComment | None:
        """The comment about the topic, if one was written."""
        query = sa.select(*_SHORT).where(*_about(repository, number, topic))
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _comment(row)

    def body(self, repository: str, number: int, topic: Topic) -> str | None:
        """The text that was written about the topic, if it was recorded."""
        column = said_comments.c.body
        query = sa.select(*with_place(column)).where(*_about(repository, number, topic))
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
            return None if row is None else opened_if_any(connection, column, row)

    def comments(
        self, repository: str, number: int, kind: TopicKind
    ) -> Mapping[Topic, SaidComment]:
        """The comments of this kind on the pull request or issue, by topic."""
        columns = said_comments.c
        query = (
            sa.select(*_SHORT)
            .where(
                columns.repository == repository,
                columns.number == number,
                columns.kind == kind.value,
            )
            .order_by(columns.subject)
        )
        with reading(self._engine) as connection:
            found = connection.execute(query).all()
        return {
            Topic(kind=TopicKind(row.kind), subject=row.subject): _comment(row) for row in found
        }

    def topic_of(self, repository: str, comment: int) -> Topic | None:
        """What our comment with this id is about, if it is recorded as ours."""
        columns = said_comments.c
        query = sa.select(columns.kind, columns.subject).where(*_is(repository, comment))
        with reading(self._engine) as connection:
            row = connection.execute(query).first()
        return None if row is None else Topic(kind=TopicKind(row.kind), subject=row.subject)

    def doubt(self, repository: str, comment: int) -> None:
        """Forget what our comment says, because somebody changed or deleted it."""
        with writing(self._engine) as connection:
            connection.execute(
                sa.update(said_comments).where(*_is(repository, comment)).values(body_hash=DOUBTED)
            )

    def put_comment(
        self, repository: str, number: int, topic: Topic, comment: SaidComment, body: str
    ) -> None:
        """Record the comment about the topic, and its text; it replaces the one before."""
        key = {
            "repository": repository,
            "number": number,
            "kind": topic.kind.value,
            "subject": topic.subject,
        }
        row = {
            **key,
            "comment": comment.comment,
            "body_hash": comment.body_hash,
            "restored_at": comment.restored_at,
            "body": body,
        }
        with writing(self._engine) as connection:
            upsert(connection, said_comments, row, tuple(key))

    def waiting_issue(self, repository: str) -> SaidComment | None:
        """The issue about what waits: its number as ``comment``, and the hash of what it lists."""
        return self.comment(repository, _NO_NUMBER, _ISSUE)

    def put_waiting_issue(self, repository: str, number: int, listed: str) -> None:
        """Record the issue about what waits; it replaces the one recorded before."""
        known = SaidComment(comment=number, body_hash=listed)
        self.put_comment(repository, _NO_NUMBER, _ISSUE, known, "")

    def checks(self, repository: str, commit: Sha) -> Mapping[str, str]:
        """The checks that were set on a commit: name to state and hex SHA-256 of the content."""
        columns = said_checks.c
        query = (
            sa.select(columns.name, columns.body_hash)
            .where(columns.repository == repository, columns.commit_id == commit)
            .order_by(columns.name)
        )
        with reading(self._engine) as connection:
            return {row.name: row.body_hash for row in connection.execute(query)}

    def put_check(self, repository: str, commit: Sha, name: str, body_hash: str) -> None:
        """Record the check; it replaces the one of that name recorded before."""
        key = {"repository": repository, "commit_id": commit, "name": name}
        with writing(self._engine) as connection:
            upsert(connection, said_checks, {**key, "body_hash": body_hash}, tuple(key))

    def forget_checks(self, repository: str, commit: Sha, names: Collection[str]) -> None:
        """Delete the records of these checks."""
        columns = said_checks.c
        with writing(self._engine) as connection:
            connection.execute(
                sa.delete(said_checks).where(
                    columns.repository == repository,
                    columns.commit_id == commit,
                    columns.name.in_(sorted(names)),
                )
            )

    def told(self, repository: str, environment: str, occasion: str) -> frozenset[int]:
        """The pull requests that have been told of this occasion of the environment."""
        query = sa.select(told.c.pull_request).where(
            told.c.repository == repository,
            told.c.environment == environment,
            told.c.occasion == occasion,
        )
        with reading(self._engine) as connection:
            return frozenset(connection.scalars(query))

    def put_told(self, repository: str, number: int, environment: str, occasion: str) -> None:
        """Record that the pull request was told of the occasion."""
        row = {
            "repository": repository,
            "environment": environment,
            "occasion": occasion,
            "pull_request": number,
        }
        with writing(self._engine) as connection:
            insert_once(connection, told, row)


_SHORT = tuple(column for column in said_comments.c if column.name != "body")


def _about(repository: str, number: int, topic: Topic) -> tuple[sa.ColumnElement[bool], ...]:
    columns = said_comments.c
    return (
        columns.repository == repository,
        columns.number == number,
        columns.kind == topic.kind.value,
        columns.subject == topic.subject,
    )


def _is(repository: str, comment: int) -> tuple[sa.ColumnElement[bool], ...]:
    columns = said_comments.c
    return (
        columns.repository == repository,
        columns.comment == comment,
        columns.number != _NO_NUMBER,
    )


def _comment(row: Any) -> SaidComment:
    return SaidComment(comment=row.comment, body_hash=row.body_hash, restored_at=row.restored_at)
