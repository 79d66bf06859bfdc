"""Define the column types and key columns that the tables share, for SQLite and PostgreSQL.
Pure."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from gitbot.adapters.sealing.sealer import SEALED as SEALED_TEXT
from gitbot.adapters.stores.faults import DamagedValueError

COMPRESS_FROM_BYTES = 32 * 1024
SEALED = {"sealed": True}
"""The ``info`` of a column whose values are encrypted where the store has a key (see ``sealed``)."""
MAX_DOCUMENT_BYTES = 1 << 30

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(sa.TypeDecorator[datetime]):
    """An aware UTC instant. SQLite keeps it as text that sorts by time."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The instant in UTC. Raises ValueError on a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        return value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """As SQLAlchemy reads it. Raises DamagedValueError where that is no instant."""
        inner = super().result_processor(dialect, coltype)

        def process(value: Any) -> Any:
            try:
                return value if inner is None else inner(value)
            except ValueError as error:
                raise DamagedValueError(f"a row has no time ({error})") from error

        return process

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The instant as an aware one, whatever the database returned."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Document(sa.TypeDecorator[str]):
    """A JSON text that is compressed when it is large.

    Compressed data begins with the byte 0x78, which no JSON text does: that tells the two apart.
    """

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """The text as UTF-8, compressed from ``COMPRESS_FROM_BYTES`` on."""
        if value is None:
            return None
        raw = value.encode()
        if len(raw) <= COMPRESS_FROM_BYTES or value.startswith(SEALED_TEXT):
            return raw
        return zlib.compress(raw, 6)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        """The text. Raises DamagedValueError when it is cut off, or longer than ``MAX_DOCUMENT_BYTES``."""
        if value is None:
            return None
        if value[:1] != b"\x78":
            return value.decode()
        unpacker = zlib.decompressobj()
        try:
            raw = unpacker.decompress(value, MAX_DOCUMENT_BYTES)
        except zlib.error as error:
            raise DamagedValueError(f"a stored document cannot be unpacked ({error})") from error
        if not unpacker.eof:
            raise DamagedValueError("a stored document is cut off or too large")
        return raw.decode()


# SQLite counts by itself only in a column that is exactly INTEGER.
COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def environment_key() -> tuple[sa.Column[str], sa.Column[str]]:
    """The two columns that name an environment, as (part of) a primary key."""
    return (
        sa.Column("repository", sa.Text, primary_key=True),
        sa.Column("environment", sa.Text, primary_key=True),
    )


def pull_request_key() -> tuple[sa.Column[str], sa.Column[int]]:
    """The two columns that name a pull request, as (part of) a primary key."""
    return (
        sa.Column("repository", sa.Text, primary_key=True),
        sa.Column("pull_request", sa.BigInteger, primary_key=True, autoincrement=False),
    )
