"""Says where state is kept: in a SQLite file or in a database of PostgreSQL. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import SplitResult, urlsplit, urlunsplit

from gitbot.errors import UserError

_POSTGRES: Final = ("postgresql", "postgres")


@dataclass(frozen=True, slots=True)
class SqlitePlace:
    """A file on this machine."""

    path: Path

    @property
    def where(self) -> Path:
        """What ``open_database`` takes."""
        return self.path

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True, slots=True)
class PostgresPlace:
    """A database of a PostgreSQL server. Its text never shows the password.

    ``url`` is a connection URI, https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS,
    with SQLAlchemy's name of the driver as the scheme. ``pooled``: a pooler may give each transaction
    another connection, so nothing may outlast one, such as a prepared statement.
    """

    url: str = field(repr=False)
    pooled: bool = False

    @property
    def where(self) -> str:
        """What ``open_database`` takes."""
        return self.url

    def __str__(self) -> str:
        # Also the query can have a password.
        found = urlsplit(self.url)
        user = f"{found.username}@" if found.username else ""
        return f"postgresql://{user}{found.netloc.rpartition('@')[2]}{found.path}"


Place: TypeAlias = SqlitePlace | PostgresPlace


def place_of(text: str, *, pooled: bool = False) -> Place:
    """The place that a text names: a path, or ``postgresql://user:password@host:port/database``.

    The path is made absolute; ``~`` is the home of the user. Nothing is opened.

    Raises:
        UserError: it is a URL of something else, or a wrong one; no password is shown.
    """
    if "://" not in text:
        if not text.strip():
            raise UserError(
                "the store has no name: give a file, or postgresql://user@host/database"
            )
        return SqlitePlace(Path(text).expanduser().absolute())
    scheme = text.partition("://")[0]
    if scheme not in _POSTGRES:
        raise UserError(
            f"a store cannot be at {scheme}://…: give a file, or postgresql://user@host/database"
        )
    try:
        found = urlsplit(text)
        _ = found.port  # raises when it is no number
    except ValueError as error:
        raise UserError(f"the URL of the database is wrong: {_unsaid(error)}") from error
    if not found.path.strip("/"):
        raise UserError("the URL of the database names none: give postgresql://user@host/database")
    return PostgresPlace(_with_driver(found), pooled)


def _with_driver(found: SplitResult) -> str:
    return urlunsplit(found._replace(scheme="postgresql+psycopg"))


def _unsaid(error: ValueError) -> str:
    """What is wrong, without the text that is wrong: a password with a slash looks like a port."""
    return (
        "its port is no number (write / of a password as %2F, @ as %40, : as %3A)"
        if "port" in str(error).lower()
        else "it cannot be read"
    )
