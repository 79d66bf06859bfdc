"""Take, renew, release and check the lease of an environment, inside a transaction. Shell."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gitbot.adapters.stores import keys
from gitbot.adapters.stores.database import insert_once
from gitbot.adapters.stores.tables.state import leases
from gitbot.errors import LeaseLostError, LeaseUnavailableError
from gitbot.model.names import EnvironmentKey
from gitbot.model.recorded import Lease
from gitbot.ports.processes import Processes
from gitbot.ports.time import Clock


def take(connection: Connection, wanted: Lease, now: datetime, processes: Processes) -> Lease:
    """Take the lease with the next epoch, whatever the epoch of ``wanted``; returns it.

    Raises:
        LeaseUnavailableError: a process holds it that may be alive.
    """
    environment = wanted.environment
    key = {"repository": environment.repository, "environment": environment.environment}
    insert_once(connection, leases, {**key, "epoch": 0, "holder": None, "expires_at": now})
    row = _row(connection, environment)
    if row.holder is not None and row.expires_at > now and not processes.is_dead(row.holder):
        raise LeaseUnavailableError(
            f"{environment.environment} is being applied by {row.holder}; its lease ends"
            f" at {row.expires_at:%Y-%m-%d %H:%M:%S} UTC unless it is renewed.",
            retry_after_s=max(1.0, min(10.0, (row.expires_at - now).total_seconds())),
        )
    lease = replace(wanted, epoch=row.epoch + 1)
    _write(connection, lease)
    return lease


def renew(connection: Connection, lease: Lease, ttl: timedelta, clock: Clock) -> Lease:
    """Extend the lease; returns it as it is then. Raises as ``check``."""
    check(connection, lease)
    renewed = replace(lease, expires_at=clock.now() + ttl)
    _write(connection, renewed)
    return renewed


def release(connection: Connection, lease: Lease) -> None:
    """Give the lease back, unless another process has taken it over."""
    row = _row(connection, lease.environment)
    if row is not None and row.epoch == lease.epoch:
        _write(connection, replace(lease, holder=""))


def check(connection: Connection, lease: Lease) -> None:
    """Check that the lease is still held, and lock its row until the transaction ends.

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


def look(connection: Connection, environment: EnvironmentKey) -> Lease | None:
    """The newest lease of the environment, unlocked; None when it never had one."""
    query = sa.select(leases).where(*keys.of_environment(leases, environment))
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return Lease(
        environment=environment,
        epoch=row.epoch,
        holder=row.holder or "",
        expires_at=row.expires_at,
    )


def _row(connection: Connection, environment: EnvironmentKey) -> Any:
    """The lease's row, locked until the end of the transaction."""
    query = sa.select(leases).where(*keys.of_environment(leases, environment)).with_for_update()
    return connection.execute(query).one_or_none()


def _write(connection: Connection, lease: Lease) -> None:
    connection.execute(
        sa.update(leases)
        .where(*keys.of_environment(leases, lease.environment))
        .values(epoch=lease.epoch, holder=lease.holder or None, expires_at=lease.expires_at)
    )
