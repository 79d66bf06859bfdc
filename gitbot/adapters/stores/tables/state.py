"""Define the tables of the recorded state and of the leases that guard it. Pure."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from gitbot.adapters.stores.tables.columns import (
    COUNTER,
    SEALED,
    Instant,
    environment_key,
    metadata,
)

leases = sa.Table(
    "leases",
    metadata,
    *environment_key(),
    # The epoch never falls and the row is never deleted: every write checks its lease against it.
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("holder", sa.Text),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("since", Instant),
    # The epoch that ``since`` is about: a version that does not know the two writes neither.
    sa.Column("since_epoch", sa.BigInteger),
)

# One row. ``moved_to``: all state was moved to that store, and no lease is given out here any more.
moved_store = sa.Table(
    "moved_store",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("moved_to", sa.Text),
)


def _in_lineage(*names: str) -> dict[str, Any]:
    """How ``sealed`` names the rows: in their lineage, so that no value fits another stack's state."""
    return {"lineage": True, "place": names}


stacks = sa.Table(
    "stacks",
    metadata,
    sa.Column("id", COUNTER, primary_key=True, autoincrement=True),
    sa.Column("repository", sa.Text, nullable=False),
    sa.Column("environment", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("region", sa.Text, nullable=False),
    sa.Column("lineage", sa.Text, nullable=False),
    sa.Column("serial", sa.BigInteger, nullable=False),
    sa.Column("outputs", sa.Text, nullable=False, info=SEALED),
    sa.Column("lookups", sa.Text, nullable=False, server_default="{}", info=SEALED),
    sa.Column("desired_hash", sa.Text),
    sa.Column("commit_id", sa.Text),
    sa.Column("complete", sa.Boolean, nullable=False),
    sa.Column("edited", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("lifetime", sa.Text),
    sa.Column("born_at", Instant),
    sa.Column("module_tags", sa.Text),
    sa.Column("uses", sa.Text, nullable=False, server_default="{}", info=SEALED),
    sa.Column("done", sa.Text),
    sa.Column("moved", sa.Text),
    sa.UniqueConstraint("repository", "environment", "name", "region"),
    info=_in_lineage(),
)


def _stack_reference() -> sa.Column[int]:
    return sa.Column("stack", COUNTER, sa.ForeignKey("stacks.id"), primary_key=True)


def _place() -> tuple[sa.Column[str], sa.Column[str]]:
    # Copies of what the body says, so that headers are read without decoding it.
    return (
        sa.Column("account", sa.Text, nullable=False, server_default=""),
        sa.Column("region", sa.Text, nullable=False, server_default=""),
    )


resources = sa.Table(
    "resources",
    metadata,
    _stack_reference(),
    sa.Column("address", sa.Text, primary_key=True),
    sa.Column("type", sa.Text, nullable=False),
    # Where the store has a key, a keyed hash of type and identifier.
    sa.Column("remote_id", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False, info=SEALED),
    *_place(),
    # Covers the query for headers, so that it does not read the bodies.
    sa.Index("ix_resources_by_place", "stack", "account", "region"),
    # Finds which stack has an object, among all stacks of the store.
    sa.Index("ix_resources_by_object", "remote_id", "type"),
    info=_in_lineage("address"),
)

deposed = sa.Table(
    "deposed",
    metadata,
    _stack_reference(),
    sa.Column("operation", sa.Text, primary_key=True),
    # The serial of the write that added the row. Rows are listed in this order.
    sa.Column("since", sa.BigInteger, nullable=False),
    sa.Column("body", sa.Text, nullable=False, info=SEALED),
    *_place(),
    info=_in_lineage("operation"),
)

intents = sa.Table(
    "intents",
    metadata,
    _stack_reference(),
    sa.Column("operation", sa.Text, primary_key=True),
    sa.Column("since", sa.BigInteger, nullable=False),
    sa.Column("body", sa.Text, nullable=False, info=SEALED),
    *_place(),
    info=_in_lineage("operation"),
)
