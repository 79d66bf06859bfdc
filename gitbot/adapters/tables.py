"""The application's tables, for SQLite and PostgreSQL alike; migrations must arrive here. Pure."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

COMPRESS_FROM_BYTES = 32 * 1024
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
    """An aware UTC instant; SQLite keeps it as text that sorts by time."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC. Raises ValueError on a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware, whatever the database gave."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Document(sa.TypeDecorator[str]):
    """A JSON text that may be large: compressed when it is.

    JSON never starts with the byte that zlib starts with (0x78), which is how the two are told
    apart.
    """

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """UTF-8, compressed above ``COMPRESS_FROM_BYTES``."""
        if value is None:
            return None
        raw = value.encode()
        return zlib.compress(raw, 6) if len(raw) > COMPRESS_FROM_BYTES else raw

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        """The text again. Raises ValueError when it would not fit into ``MAX_DOCUMENT_BYTES``."""
        if value is None:
            return None
        if value[:1] != b"\x78":
            return value.decode()
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(value, MAX_DOCUMENT_BYTES)
        if not unpacker.eof:
            raise ValueError("a stored document is damaged or too large")
        return raw.decode()


# SQLite counts by itself only in a column that is exactly INTEGER.
_Counter = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _environment_columns() -> tuple[sa.Column[str], sa.Column[str]]:
    return (
        sa.Column("repository", sa.Text, primary_key=True),
        sa.Column("environment", sa.Text, primary_key=True),
    )


# --- state ---------------------------------------------------------------------------------------

leases = sa.Table(
    "leases",
    metadata,
    *_environment_columns(),
    # Never falls, and the row is never deleted: it is the fence of every write.
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("holder", sa.Text),
    sa.Column("expires_at", Instant, nullable=False),
)

stacks = sa.Table(
    "stacks",
    metadata,
    sa.Column("id", _Counter, primary_key=True, autoincrement=True),
    sa.Column("repository", sa.Text, nullable=False),
    sa.Column("environment", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("region", sa.Text, nullable=False),
    sa.Column("lineage", sa.Text, nullable=False),
    sa.Column("serial", sa.BigInteger, nullable=False),
    sa.Column("outputs", sa.Text, nullable=False),
    sa.Column("desired_hash", sa.Text),
    sa.Column("commit_id", sa.Text),
    sa.Column("complete", sa.Boolean, nullable=False),
    sa.UniqueConstraint("repository", "environment", "name", "region"),
)


def _stack_reference() -> sa.Column[int]:
    return sa.Column("stack", _Counter, sa.ForeignKey("stacks.id"), primary_key=True)


resources = sa.Table(
    "resources",
    metadata,
    _stack_reference(),
    sa.Column("address", sa.Text, primary_key=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("remote_id", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)

deposed = sa.Table(
    "deposed",
    metadata,
    _stack_reference(),
    sa.Column("operation", sa.Text, primary_key=True),
    # The serial of the write that brought it: the order in which they are listed.
    sa.Column("since", sa.BigInteger, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)

intents = sa.Table(
    "intents",
    metadata,
    _stack_reference(),
    sa.Column("operation", sa.Text, primary_key=True),
    sa.Column("since", sa.BigInteger, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)

# --- runs ----------------------------------------------------------------------------------------

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("heard_at", Instant, nullable=False, index=True),
)

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("sequence", _Counter, primary_key=True, autoincrement=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("repository", sa.Text, nullable=False),
    sa.Column("environment", sa.Text, nullable=False),
    sa.Column("stack", sa.Text, nullable=False),
    sa.Column("region", sa.Text, nullable=False),
    sa.Column("commit_id", sa.Text, nullable=False),
    sa.Column("head", sa.Text),
    sa.Column("tip", sa.Text, nullable=False),
    sa.Column("pull_request", sa.BigInteger),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("digest", sa.Text),
    sa.Column("reviewed_digest", sa.Text),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("plan", Document),
    sa.Column("result", Document),
    sa.Column("error", sa.Text),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("finished_at", Instant),
    sa.Column("epoch", sa.BigInteger),
    sa.Column("shown_at", Instant),
    sa.Index("ix_runs_of_pull_request", "repository", "pull_request", "sequence"),
    sa.Index("ix_runs_of_stack", "repository", "environment", "stack", "region", "sequence"),
    sa.Index("ix_runs_by_status", "repository", "environment", "status", "sequence"),
)

commands = sa.Table(
    "commands",
    metadata,
    sa.Column("comment", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("line", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("repository", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("answer", sa.Text),
    sa.Column("written_at", Instant, nullable=False),
    # Everything that was asked, as it was heard; never rewritten.
    sa.Column("body", sa.Text, nullable=False),
    sa.Index("ix_commands_open", "repository", "status", "written_at"),
)

claims = sa.Table(
    "claims",
    metadata,
    *_environment_columns(),
    sa.Column("stack", sa.Text, primary_key=True),
    sa.Column("region", sa.Text, primary_key=True),
    sa.Column("pull_request", sa.BigInteger, nullable=False),
    sa.Column("claimed_by", sa.Text, nullable=False),
    sa.Column("claimed_at", Instant, nullable=False),
    sa.Column("head", sa.Text, nullable=False),
    sa.Column("closed", sa.Boolean, nullable=False),
    sa.Index("ix_claims_of_pull_request", "repository", "pull_request"),
)

pushes = sa.Table(
    "pushes",
    metadata,
    sa.Column("repository", sa.Text, primary_key=True),
    sa.Column("head", sa.Text, primary_key=True),
    sa.Column("pusher", sa.Text, nullable=False),
)

slots = sa.Table(
    "slots",
    metadata,
    sa.Column("repository", sa.Text, primary_key=True),
    sa.Column("pull_request", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("remote", sa.BigInteger, nullable=False),
    sa.Column("body_hash", sa.Text, nullable=False),
)

pull_request_marks = sa.Table(
    "pull_request_marks",
    metadata,
    sa.Column("repository", sa.Text, primary_key=True),
    sa.Column("pull_request", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("mark", sa.Text, nullable=False),
)

applied_tips = sa.Table(
    "applied_tips",
    metadata,
    *_environment_columns(),
    sa.Column("tip", sa.Text, nullable=False),
)

repositories = sa.Table(
    "repositories",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("full_name", sa.Text, nullable=False),
    # GitHub's names are case-insensitive: looked up in lower case.
    sa.Column("lookup", sa.Text, nullable=False, unique=True),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("sequence", _Counter, primary_key=True, autoincrement=True),
    sa.Column("at", Instant, nullable=False, index=True),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False, index=True),
    sa.Column("detail", sa.Text, nullable=False),
)
