"""Says where state is kept: in a SQLite file, a database of PostgreSQL or a bucket of S3. Pure.

``keys`` of a place are those that its values are encrypted with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit, urlunsplit

from gitbot.errors import UserError
from gitbot.model.state_keys import NO_KEYS, StateKeys

_POSTGRES: Final = ("postgresql", "postgres")
_FORMS: Final = "a file, postgresql://user@host/database, or s3://bucket/prefix"
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


@dataclass(frozen=True, slots=True)
class SqlitePlace:
    """A file on this machine."""

    path: Path
    keys: StateKeys = NO_KEYS

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
    with SQLAlchemy's name of the driver as the scheme.
    """

    url: str = field(repr=False)
    keys: StateKeys = NO_KEYS

    @property
    def where(self) -> str:
        """What ``open_database`` takes."""
        return self.url

    def __str__(self) -> str:
        # Also the query can have a password.
        found = urlsplit(self.url)
        user = f"{found.username}@" if found.username else ""
        return f"postgresql://{user}{found.netloc.rpartition('@')[2]}{found.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketPlace:
    """Objects below a prefix of a bucket of S3.

    ``prefix`` ends with a slash or is empty. ``region`` is empty for that of the environment.
    ``kms_key`` encrypts the objects; empty: S3 does it with its own keys. ``allowed`` are the lacks of
    the bucket that are accepted. ``key`` signs each object; people who may write to the bucket do not have it.
    """

    bucket: str
    prefix: str = ""
    region: str = ""
    kms_key: str = ""
    allowed: frozenset[str] = frozenset()
    key: str = field(default="", repr=False)
    keys: StateKeys = NO_KEYS

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"


Place: TypeAlias = SqlitePlace | PostgresPlace | BucketPlace

LACKS: Final = ("public", "unversioned")
"""What a bucket may be only if its place says so."""


def place_of(text: str) -> Place:
    """The place that a text names.

    It is a path, ``postgresql://user:password@host:port/database``, or
    ``s3://bucket/prefix?region=eu-west-1&kms=KEY&allow=unversioned``.
    The path is made absolute; ``~`` is the home of the user. Nothing is opened.

    Raises:
        UserError: it is a URL of something else, or a wrong one; no password is shown.
    """
    if "://" not in text:
        if not text.strip():
            raise UserError(f"the store has no name: give {_FORMS}")
        return SqlitePlace(Path(text).expanduser().absolute())
    scheme = text.partition("://")[0]
    if scheme == "s3":
        return _bucket(text)
    if scheme not in _POSTGRES:
        raise UserError(f"a store cannot be at {scheme}://…: give {_FORMS}")
    try:
        found = urlsplit(text)
        _ = found.port  # raises when it is no number
    except ValueError as error:
        raise UserError(f"the URL of the database is wrong: {_unsaid(error)}") from error
    if not found.path.strip("/"):
        raise UserError("the URL of the database names none: give postgresql://user@host/database")
    return PostgresPlace(_with_driver(found))


def database_of(text: str) -> PostgresPlace:
    """The database of PostgreSQL that a text names.

    Raises:
        UserError: it names something else, or is wrong.
    """
    place = place_of(text)
    if not isinstance(place, PostgresPlace):
        raise UserError("a server has a database of PostgreSQL: postgresql://user@host/database")
    return place


def _bucket(text: str) -> BucketPlace:
    found = urlsplit(text)
    if not _BUCKET.fullmatch(found.netloc):
        raise UserError(f"{text} names no bucket: write s3://bucket/prefix?region=eu-west-1")
    if found.fragment:
        raise UserError(f"{text} has a #, which is no part of a store: write %23 in a prefix")
    given = dict(parse_qsl(found.query, keep_blank_values=True))
    if unknown := sorted(given.keys() - {"region", "kms", "allow"}):
        raise UserError(f"a store in a bucket has no {unknown[0]!r}: it has region, kms and allow")
    allowed = frozenset(one for one in given.get("allow", "").split(",") if one)
    if wrong := sorted(allowed - set(LACKS)):
        raise UserError(f"allow={wrong[0]} is not known: write public or unversioned, or both")
    prefix = unquote(found.path).strip("/")
    return BucketPlace(
        bucket=found.netloc,
        prefix=f"{prefix}/" if prefix else "",
        region=given.get("region", ""),
        kms_key=given.get("kms", ""),
        allowed=allowed,
    )


def _with_driver(found: SplitResult) -> str:
    return urlunsplit(found._replace(scheme="postgresql+psycopg"))


def _unsaid(error: ValueError) -> str:
    """What is wrong, without the text that is wrong: a password with a slash looks like a port."""
    return (
        "its port is no number (write / of a password as %2F, @ as %40, : as %3A)"
        if "port" in str(error).lower()
        else "it cannot be read"
    )
