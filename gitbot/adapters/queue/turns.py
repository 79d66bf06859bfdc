"""Lets one process of a database at a time do something. Shell."""

from __future__ import annotations

from contextlib import suppress
from typing import Protocol

import psycopg

from gitbot.adapters.queue import locks
from gitbot.errors import TransientError


class Turns(Protocol):
    """Says whose turn it is. It saves work: what is done must bear to be done twice."""

    def take(self) -> bool:
        """Whether this process has the turn now; if so, it must ``give`` it back.

        Raises:
            TransientError: the database is away.
        """

    def give(self) -> None:
        """Give the turn back."""

    def end(self) -> None:
        """Take no more turns."""


class AlwaysMine:
    """The turns of a process that shares its database with none."""

    def take(self) -> bool:
        """Always."""
        return True

    def give(self) -> None:
        """Nobody waits for it."""

    def end(self) -> None:
        """Nothing is open."""


class SharedTurns:
    """Turns of the processes of one database of PostgreSQL, by a lock that ends with its holder.

    ``url`` must reach PostgreSQL itself.
    """

    def __init__(self, url: str, what: str) -> None:
        self._url = url
        self._what = what
        self._connection: psycopg.Connection[tuple[object, ...]] | None = None

    def take(self) -> bool:
        """Whether no other process has the turn. Raises TransientError when the database is away."""
        try:
            if self._connection is None:
                self._connection = locks.connect(self._url)
            return locks.try_take(self._connection, self._what)
        except psycopg.Error as error:
            self.end()
            raise TransientError(f"The database does not answer: {error}") from error

    def give(self) -> None:
        """Give the turn back; where the database is away, it has ended the turn itself."""
        try:
            if self._connection is not None:
                locks.give(self._connection, self._what)
        except psycopg.Error:
            self.end()

    def end(self) -> None:
        """Take no more turns: close the connection."""
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
            self._connection = None
