"""Keeps state and leases in SQL tables; every write checks the epoch of its lease. Shell."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gitbot.adapters.stores import state_changes as changes
from gitbot.adapters.stores import state_rows as rows
from gitbot.adapters.stores.database import insert_once, reading, writing
from gitbot.adapters.stores.state_headers import load_headers
from gitbot.adapters.stores.tables import state as tables
from gitbot.errors import ConflictError, InvariantError, LeaseLostError, LeaseUnavailableError
from gitbot.model.names import Address, EnvironmentKey, RemoteId, Sha, StackId
from gitbot.model.recorded import (
    Intent,
    Lease,
    RecordedOutput,
    RecordedResource,
    RecordedStack,
    StackHeader,
)
from gitbot.ports.processes import Processes
from gitbot.ports.time import Clock

CACHED_STACKS = 64
Transition = Callable[[RecordedStack], RecordedStack]


class SqlStateStore:
    """A ``StateStore`` on an engine from ``open_database``. Safe to share between threads.

    Keeps decoded stacks in memory and uses one while the database still has its lineage and
    serial: a write then costs the rows that it changes, not the whole stack.
    """

    def __init__(self, engine: Engine, clock: Clock, processes: Processes) -> None:
        """``clock`` must tell real time: leases are kept against other processes."""
        self._engine = engine
        self._clock = clock
        self._processes = processes
        self._cache: OrderedDict[StackId, RecordedStack] = OrderedDict()
        self._cache_lock = threading.Lock()

    # --- leases

    def acquire(self, environment: EnvironmentKey, holder: str, ttl: timedelta) -> Lease:
        """Take the environment's lease with a higher epoch than any before.

        Takes over a lease that has expired, or whose holder is a dead process of this machine (see
        ``Processes.is_dead``). Refuses the present holder too: if it asks again it has lost track,
        and its earlier thread may still be writing.

        Raises:
            LeaseUnavailableError: somebody holds it; names the holder and when it ends.
        """
        with writing(self._engine) as connection:
            now = self._clock.now()
            key = {"repository": environment.repository, "environment": environment.environment}
            insert_once(
                connection, tables.leases, {**key, "epoch": 0, "holder": None, "expires_at": now}
            )
            row = self._lease_row(connection, environment)
            if (
                row.holder is not None
                and row.expires_at > now
                and not self._processes.is_dead(row.holder)
            ):
                raise LeaseUnavailableError(
                    f"{environment.environment} is being applied by {row.holder}; its lease ends"
                    f" at {row.expires_at:%Y-%m-%d %H:%M:%S} UTC unless it is renewed.",
                    retry_after_s=max(1.0, min(10.0, (row.expires_at - now).total_seconds())),
                )
            lease = Lease(
                environment=environment, epoch=row.epoch + 1, holder=holder, expires_at=now + ttl
            )
            self._write_lease(connection, environment, lease)
        return lease

    def renew(self, lease: Lease, ttl: timedelta) -> Lease:
        """Extend the lease from now; also an expired one, if nobody took it over.

        Raises:
            LeaseLostError: it was taken over or given back.
        """
        with writing(self._engine) as connection:
            self._check(connection, lease)
            renewed = replace(lease, expires_at=self._clock.now() + ttl)
            self._write_lease(connection, lease.environment, renewed)
        return renewed

    def release(self, lease: Lease) -> None:
        """Give the lease back; a lease that was taken over is left alone."""
        with writing(self._engine) as connection:
            row = self._lease_row(connection, lease.environment)
            if row is not None and row.epoch == lease.epoch:
                self._write_lease(connection, lease.environment, replace(lease, holder=""))

    def _lease_row(self, connection: Connection, environment: EnvironmentKey) -> Any:
        """The lease's row, locked until the end of the transaction."""
        query = sa.select(tables.leases).where(*_is(tables.leases, environment)).with_for_update()
        return connection.execute(query).one_or_none()

    def _write_lease(
        self, connection: Connection, environment: EnvironmentKey, lease: Lease
    ) -> None:
        connection.execute(
            sa.update(tables.leases)
            .where(*_is(tables.leases, environment))
            .values(epoch=lease.epoch, holder=lease.holder or None, expires_at=lease.expires_at)
        )

    def _check(self, connection: Connection, lease: Lease) -> None:
        row = self._lease_row(connection, lease.environment)
        if row is None or row.epoch != lease.epoch or row.holder is None:
            newest = "nobody" if row is None or row.holder is None else row.holder
            raise LeaseLostError(
                f"The lease of {lease.environment.environment} (epoch {lease.epoch}) is no longer"
                f" held by {lease.holder}: {newest} holds it now."
            )

    # --- reading

    def read(self, stack: StackId) -> RecordedStack:
        """The stack's state, of one instant; serial 0 and a fresh lineage when there is none."""
        with reading(self._engine) as connection:
            state = self._load(connection, stack)[1]
        self._keep(state)
        return state

    def read_all(self, environment: EnvironmentKey) -> tuple[RecordedStack, ...]:
        """The states of all stacks of the environment, of one instant, by name and region.

        Costs four queries, however many stacks there are.
        """
        condition = sa.and_(*_is(tables.stacks, environment))
        with reading(self._engine) as connection:
            found = connection.execute(sa.select(tables.stacks).where(condition)).all()
            states = rows.load_stacks(connection, found, condition)
        return tuple(sorted(states, key=lambda state: state.id))

    def headers(self, repository: str, environment: str | None = None) -> tuple[StackHeader, ...]:
        """The headers of the repository's (or one environment's) stacks, of one instant, by
        environment, name and region.

        Costs four queries, however many stacks there are, and decodes no resource.
        """
        condition = tables.stacks.c.repository == repository
        if environment is not None:
            condition = sa.and_(condition, tables.stacks.c.environment == environment)
        with reading(self._engine) as connection:
            return load_headers(connection, condition)

    def stacks(self, environment: EnvironmentKey) -> tuple[StackId, ...]:
        """The environment's stacks that state knows, empty ones included, by name and region."""
        table = tables.stacks
        query = sa.select(
            table.c.repository, table.c.environment, table.c.name, table.c.region
        ).where(*_is(table, environment))
        with reading(self._engine) as connection:
            return tuple(sorted(map(rows.stack_id, connection.execute(query))))

    def environments(self, repository: str) -> tuple[str, ...]:
        """The repository's environments that state knows stacks of, by name."""
        columns = tables.stacks.c
        query = sa.select(columns.environment).where(columns.repository == repository).distinct()
        with reading(self._engine) as connection:
            return tuple(sorted(connection.scalars(query)))

    def _load(self, connection: Connection, stack: StackId) -> tuple[int | None, RecordedStack]:
        """The stack's row number (None: it has no row) and its state."""
        row = connection.execute(rows.select_stack(stack)).one_or_none()
        if row is None:
            return None, RecordedStack(id=stack, lineage=secrets.token_hex(16))
        with self._cache_lock:
            cached = self._cache.get(stack)
        if cached and (cached.lineage, cached.serial) == (row.lineage, row.serial):
            return row.id, cached
        return row.id, rows.load_stack(connection, row)

    def _keep(self, state: RecordedStack) -> None:
        if state.serial == 0:
            return
        with self._cache_lock:
            self._cache[state.id] = state
            self._cache.move_to_end(state.id)
            if len(self._cache) > CACHED_STACKS:
                self._cache.popitem(last=False)

    # --- writing

    def begin(self, lease: Lease, stack: StackId, lineage: str, intent: Intent) -> RecordedStack:
        """Write an intent (and ``complete`` False). The same operation again replaces it.

        Raises:
            LeaseLostError: the lease's epoch is not the newest.
            StaleError: the stack has another lineage.
            TypeError: the intent holds a sensitive value.
        """
        stored = rows.as_stored(intent)
        return self._write(lease, stack, lineage, lambda state: changes.begun(state, stored))

    def identify(
        self, lease: Lease, stack: StackId, operation: str, remote_id: RemoteId
    ) -> RecordedStack:
        """Record the identifier of a create. Raises InvariantError without such an intent."""
        return self._write(
            lease, stack, None, lambda state: changes.identified(state, operation, remote_id)
        )

    def finish(
        self, lease: Lease, stack: StackId, operation: str, resource: RecordedResource | None
    ) -> RecordedStack:
        """Close an intent with its result. Raises InvariantError without such an intent."""
        stored = None if resource is None else rows.as_stored(resource)
        return self._write(
            lease, stack, None, lambda state: changes.finished(state, operation, stored)
        )

    def abandon(self, lease: Lease, stack: StackId, operation: str) -> RecordedStack:
        """Close an intent that did nothing. Raises InvariantError without such an intent."""
        return self._write(lease, stack, None, lambda state: changes.abandoned(state, operation))

    def put(
        self,
        lease: Lease,
        stack: StackId,
        lineage: str,
        resource: RecordedResource,
        moved_from: Address | None = None,
    ) -> RecordedStack:
        """Record a resource without a mutation, and forget the address that it moved from."""
        stored = rows.as_stored(resource)
        return self._write(
            lease, stack, lineage, lambda state: changes.put(state, stored, moved_from)
        )

    def forget(self, lease: Lease, stack: StackId, address: Address) -> RecordedStack:
        """Drop a resource from state without touching the cloud; does nothing when it is absent."""
        return self._write(lease, stack, None, lambda state: changes.forgotten(state, address))

    def complete(
        self,
        lease: Lease,
        stack: StackId,
        lineage: str,
        outputs: Mapping[str, RecordedOutput],
        desired_hash: str | None,
        commit: Sha | None,
    ) -> RecordedStack:
        """Mark an apply as finished. Raises InvariantError while an intent is open."""
        stored = {name: rows.as_stored(output) for name, output in sorted(outputs.items())}
        return self._write(
            lease,
            stack,
            lineage,
            lambda state: changes.completed(state, stored, desired_hash, commit),
        )

    def rename(self, lease: Lease, stack: StackId, name: str) -> RecordedStack:
        """Give the stack another name, in one transaction; lineage and resources stay.

        Deletes an empty stack that has that name. Does nothing when the stack was renamed already
        or was never applied.

        Raises:
            ConflictError: state has another stack of that name with resources.
        """
        renamed = replace(stack, name=name)
        with writing(self._engine) as connection:
            self._check(connection, lease)
            number, before = self._load(connection, stack)
            if number is not None:
                in_the_way, other = self._load(connection, renamed)
                if not other.empty:
                    raise ConflictError(
                        f"{stack.label} cannot become {renamed.label}: state has resources of both"
                    )
                if in_the_way is not None:
                    table = tables.stacks
                    connection.execute(sa.delete(table).where(table.c.id == in_the_way))
                connection.execute(
                    sa.update(tables.stacks)
                    .where(tables.stacks.c.id == number)
                    .values(name=name, serial=max(before.serial, other.serial) + 1)
                )
            after = self._load(connection, renamed)[1]
        with self._cache_lock:
            self._cache.pop(stack, None)
        self._keep(after)
        return after

    def _write(
        self, lease: Lease, stack: StackId, lineage: str | None, transition: Transition
    ) -> RecordedStack:
        """Check the epoch, read the state, change it and write what differs, in one transaction."""
        if lease.environment != stack.environment_key:
            raise InvariantError(f"A lease of {lease.environment} cannot guard {stack}.")
        with writing(self._engine) as connection:
            self._check(connection, lease)
            number, before = self._load(connection, stack)
            if lineage is not None:
                before = changes.in_lineage(before, lineage)
            elif number is None:
                raise InvariantError(f"{stack.label} has no state to change.")
            after = transition(before)
            rows.save_stack(connection, number, before, after)
        # Only now: a state must be committed before it is remembered.
        self._keep(after)
        return after


def _is(table: sa.Table, environment: EnvironmentKey) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        table.c.repository == environment.repository,
        table.c.environment == environment.environment,
    )
