"""Take, renew, release and check the lease of an environment, inside a transaction. Shell."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gitbot.adapters.stores import keys
from gitbot.adapters.stores.database import insert_once, upsert
from gitbot.adapters.stores.state_headers import load_busy
from gitbot.adapters.stores.tables.state import leases, moved_store
from gitbot.errors import LeaseLostError
from gitbot.model.names import EnvironmentKey
from gitbot.model.recorded import Lease
from gitbot.ports.processes import Processes
from gitbot.ports.time import Clock
from gitbot.reconciler.leases import busy, refuse_moved_store


def take(connection: Connection, wanted: Lease, now: datetime, processes: Processes) -> Lease:
    """Take the lease with the next epoch, whatever the epoch of ``wanted``; returns it.

    Raises:
        LeaseUnavailableError: a process holds it that may be alive.
        UserError: all state of this store was moved to another one.
    """
    environment = wanted.environment
    refuse_moved_store(environment, moved_to(connection))
    key = {"repository": environment.repository, "environment": environment.environment}
    insert_once(connection, leases, {**key, "epoch": 0, "holder": None, "expires_at": now})
    row = _row(connection, environment)
    if row.holder is not None and row.expires_at > now and not processes.is_dead(row.holder):
        held = _lease(row, environment)
        raise busy(held, load_busy(connection, environment), now)
    lease = replace(wanted, epoch=row.epoch + 1, since=now)
    _write(connection, lease)
    return lease


def renew(connection: Connection, lease: Lease, ttl: timedelta, clock: Clock) -> Lease:
    """Extend the lease; returns it as it is then. Raises as ``check``."""
    row = check(connection, lease)
    renewed = replace(_lease(row, lease.environment), expires_at=clock.now() + ttl)
    _write(connection, renewed)
    return renewed


def release(connection: Connection, lease: Lease) -> None:
    """Give the lease back, unless another process has taken it over."""
    row = _row(connection, lease.environment)
    if row is not None and row.epoch == lease.epoch:
        _write(connection, replace(_lease(row, lease.environment), holder=""))


def check(connection: Connection, lease: Lease) -> Any:
    """Check that the lease is still held, and lock its row until the transaction ends; the row.

    Raises:
        LeaseLostError: it was taken over or given back.
    """
    row = _row(connection, lease.environment)
    if row is None or row.epoch != lease.epoch or row.holder is None:
        newest = "nobody" if row is None or row.holder is None else row.holder
        raise LeaseLostError(
            f"The lease of {lease.environment.environment} (epoch {lease.epoch}) is no longer"
            f" held by {lease.holder}: {newest} holds it now."
        )
    return row


def look(connection: Connection, environment: EnvironmentKey) -> Lease | None:
    """The newest lease of the environment, unlocked; None when it never had one."""
    query = sa.select(leases).where(*keys.of_environment(leases, environment))
    row = connection.execute(query).one_or_none()
    return None if row is None else _lease(row, environment)


def moved_to(connection: Connection) -> str | None:
    """The store that all state was moved to. That stays so until the transaction ends."""
    insert_once(connection, moved_store, {"id": 1, "moved_to": None})
    query = sa.select(moved_store.c.moved_to).with_for_update(read=True)
    return connection.scalar(query)


def put_moved_to(connection: Connection, to: str | None) -> None:
    """Record where all state was moved to, after those who take a lease now; None: nowhere."""
    upsert(connection, moved_store, {"id": 1, "moved_to": to}, ("id",))


def _lease(row: Any, environment: EnvironmentKey) -> Lease:
    return Lease(
        environment=environment,
        epoch=row.epoch,
        holder=row.holder or "",
        expires_at=row.expires_at,
        since=row.since if row.since_epoch == row.epoch else None,
    )


def _row(connection: Connection, environment: EnvironmentKey) -> Any:
    """The lease's row, locked until the end of the transaction."""
    query = sa.select(leases).where(*keys.of_environment(leases, environment)).with_for_update()
    return connection.execute(query).one_or_none()


def _write(connection: Connection, lease: Lease) -> None:
    connection.execute(
        sa.update(leases)
        .where(*keys.of_environment(leases, lease.environment))
        .values(
            epoch=lease.epoch,
            holder=lease.holder or None,
            expires_at=lease.expires_at,
            since=lease.since,
            since_epoch=lease.epoch,
        )
    )
