"""Keep the commands that people gave in an SQL table. Shell."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gitbot.adapters.stores.database import insert_once, reading, writing
from gitbot.adapters.stores.sealed import opened_if_any, seal_row
from gitbot.adapters.stores.tables.asked import commands
from gitbot.model.codec import from_data, to_data
from gitbot.model.commands import Accepted, Command, CommandRef, CommandStatus, Source
from gitbot.model.values import canonical_json

OPEN = tuple(status for status in CommandStatus if status.open)


class SqlCommands:
    """The ``Commands`` port on an engine from ``open_database``. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def hear(self, command: Command) -> bool:
        """Record a command; False when it was recorded already."""
        with writing(self._engine) as connection:
            return insert_once(connection, commands, _row(command))

    def get(self, ref: CommandRef) -> Command | None:
        """The command as it stands."""
        with reading(self._engine) as connection:
            row = connection.execute(sa.select(commands).where(*_is(ref))).one_or_none()
        return None if row is None else _command(self._engine, row)

    def of_comment(self, source: Source, comment: int) -> tuple[Command, ...]:
        """The comment's commands, of all its texts, in order of text and line."""
        query = (
            sa.select(commands)
            .where(commands.c.source == source.value, commands.c.comment == comment)
            .order_by(commands.c.text_at, commands.c.line)
        )
        with reading(self._engine) as connection:
            return tuple(_command(self._engine, row) for row in connection.execute(query))

    def done(self, repository: str, number: int, verb: str) -> tuple[Command, ...]:
        """The commands of this verb on the pull request or issue that are done, oldest first."""
        query = sa.select(commands).where(
            commands.c.repository == repository,
            commands.c.number == number,
            commands.c.verb == verb,
            commands.c.status == CommandStatus.DONE.value,
        )
        with reading(self._engine) as connection:
            found = [_command(self._engine, row) for row in connection.execute(query)]
        return tuple(sorted(found, key=lambda one: (one.written_at, one.ref)))

    def open(self, repository: str) -> tuple[Command, ...]:
        """The commands that still need an answer (heard or accepted), oldest first."""
        query = sa.select(commands).where(
            commands.c.repository == repository,
            commands.c.status.in_([status.value for status in OPEN]),
        )
        with reading(self._engine) as connection:
            found = [_command(self._engine, row) for row in connection.execute(query)]
        return tuple(sorted(found, key=lambda command: (command.ref.text_at, command.ref)))

    def first_account(self, repository: str, author: str) -> int | None:
        """The account of the first command under this login, if a command told one."""
        query = (
            sa.select(commands.c.author_id)
            .where(
                commands.c.repository == repository,
                commands.c.author == author,
                commands.c.author_id.is_not(None),
            )
            .order_by(commands.c.written_at)
            .limit(1)
        )
        with reading(self._engine) as connection:
            return connection.scalar(query)

    def accept(self, ref: CommandRef, accepted: Accepted) -> None:
        """Set a heard command to accepted; a command with another status is left alone."""
        with writing(self._engine) as connection:
            connection.execute(
                sa.update(commands)
                .where(*_is(ref), commands.c.status == CommandStatus.HEARD.value)
                .values(
                    status=CommandStatus.ACCEPTED.value, accepted=canonical_json(to_data(accepted))
                )
            )

    def close(self, ref: CommandRef, status: CommandStatus, answer: str | None) -> None:
        """Set an open command to done or refused; the first answer of a command is kept."""
        with writing(self._engine) as connection:
            sealed = seal_row(connection, commands, {**_key(ref), "answer": answer})
            connection.execute(
                sa.update(commands)
                .where(*_is(ref), commands.c.status.in_([each.value for each in OPEN]))
                .values(status=status.value, answer=sealed["answer"])
            )


def _is(ref: CommandRef) -> tuple[sa.ColumnElement[bool], ...]:
    return tuple(commands.c[name] == value for name, value in _key(ref).items())


def _key(ref: CommandRef) -> dict[str, Any]:
    return {
        "source": ref.source.value,
        "comment": ref.comment,
        "text_at": ref.text_at,
        "line": ref.line,
    }


def _row(command: Command) -> dict[str, Any]:
    accepted = command.accepted
    return {
        **_key(command.ref),
        "repository": command.repository,
        "number": command.number,
        "on_pull_request": command.on_pull_request,
        "author": command.author,
        "author_id": command.author_id,
        "verb": command.verb,
        # Not canonical JSON: the arguments keep the order in which they were written.
        "arguments": json.dumps(dict(command.arguments), ensure_ascii=False),
        "written_at": command.written_at,
        "status": command.status.value,
        "accepted": None if accepted is None else canonical_json(to_data(accepted)),
        "answer": command.answer,
    }


def _command(engine: Engine, row: Any) -> Command:
    return Command(
        ref=CommandRef(
            source=Source(row.source), comment=row.comment, text_at=row.text_at, line=row.line
        ),
        repository=row.repository,
        number=row.number,
        on_pull_request=row.on_pull_request,
        author=row.author,
        author_id=row.author_id,
        verb=row.verb,
        arguments=json.loads(row.arguments),
        written_at=row.written_at,
        status=CommandStatus(row.status),
        accepted=None if row.accepted is None else from_data(json.loads(row.accepted), Accepted),
        answer=opened_if_any(engine, commands.c.answer, row),
    )
