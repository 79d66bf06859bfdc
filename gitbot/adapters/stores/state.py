"""Keep state and leases in SQL tables; every write checks the epoch of its lease. Shell."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gitbot.adapters.state_writes import StateWrites, Transition
from gitbot.adapters.stores import keys, leases
from gitbot.adapters.stores import state_rows as rows
from gitbot.adapters.stores.database import reading, writing
from gitbot.adapters.stores.state_cache import StateCache
from gitbot.adapters.stores.state_headers import load_headers
from gitbot.adapters.stores.state_holdings import load_holdings
from gitbot.adapters.stores.tables import state as tables
from gitbot.errors import InvariantError
from gitbot.model.names import EnvironmentKey, RemoteId, StackId
from gitbot.model.ownership import Holding
from gitbot.model.recorded import (
    Lease,
    RecordedOutput,
    RecordedStack,
    StackHeader,
)
from gitbot.ports.processes import Processes
from gitbot.ports.time import Clock
from gitbot.reconciler import state_changes as changes


class SqlStateStore(StateWrites):
    """A ``StateStore`` on an engine from ``open_database``. Safe to share between threads.

    Keeps decoded stacks in memory. A write uses one if the database still has its lineage and
    serial, and then costs the rows that it changes, not the whole stack.
    """

    def __init__(self, engine: Engine, clock: Clock, processes: Processes) -> None:
        """``clock`` must tell real time, because other processes use it for leases too."""
        self._engine = engine
        self._clock = clock
        self._processes = processes
        self._cache = StateCache()

    # --- leases

    def acquire(self, environment: EnvironmentKey, holder: str, ttl: timedelta) -> Lease:
        """Take the environment's lease with a higher epoch than any before.

        Takes over a lease that has expired, or whose holder is a dead process of this machine (see
        ``Processes.is_dead``). Refuses the present holder too: a holder that asks again has lost
        track of its lease, and its earlier thread may still be writing.

        Raises:
            LeaseUnavailableError: somebody holds it; names the holder and when it ends.
        """
        with writing(self._engine) as connection:
            now = self._clock.now()
            wanted = Lease(environment=environment, epoch=0, holder=holder, expires_at=now + ttl)
            return leases.take(connection, wanted, now, self._processes)

    def renew(self, lease: Lease, ttl: timedelta) -> Lease:
        """Extend the lease from now on. An expired lease is extended too, unless it was taken over.

        Raises:
            LeaseLostError: it was taken over or given back.
        """
        with writing(self._engine) as connection:
            return leases.renew(connection, lease, ttl, self._clock)

    def release(self, lease: Lease) -> None:
        """Give the lease back; a lease that was taken over is left alone."""
        with writing(self._engine) as connection:
            leases.release(connection, lease)

    def lease(self, environment: EnvironmentKey) -> Lease | None:
        """The newest lease of the environment as it was last written, if it ever had one."""
        with reading(self._engine) as connection:
            return leases.look(connection, environment)

    def moved_to(self) -> str | None:
        """The store that all state was moved to; None: nowhere."""
        with writing(self._engine) as connection:
            return leases.moved_to(connection)

    def close(self, to: str) -> None:
        """Give out no lease from now on. Waits for those who take one now."""
        with writing(self._engine) as connection:
            leases.put_moved_to(connection, to)

    def reopen(self) -> None:
        """Give out leases again."""
        with writing(self._engine) as connection:
            leases.put_moved_to(connection, None)

    # --- reading

    def read(self, stack: StackId) -> RecordedStack:
        """The stack's state at one instant; serial 0 and a fresh lineage when there is none."""
        with reading(self._engine) as connection:
            state = self._load(connection, stack)[1]
        self._cache.keep(state)
        return state

    def read_all(self, environment: EnvironmentKey) -> tuple[RecordedStack, ...]:
        """The states of all stacks of the environment at one instant, by name and region.

        Costs four queries, however many stacks there are.
        """
        condition = sa.and_(*keys.of_environment(tables.stacks, environment))
        with reading(self._engine) as connection:
            found = connection.execute(sa.select(tables.stacks).where(condition)).all()
            states = rows.load_stacks(connection, found, condition)
        return tuple(sorted(states, key=lambda state: state.id))

    def headers(self, repository: str, environment: str | None = None) -> tuple[StackHeader, ...]:
        """The headers of the stacks of the repository, or of one environment, at one instant.

        Their order is environment, name, region. Costs four queries, however many stacks there are,
        and decodes no resource.
        """
        condition = tables.stacks.c.repository == repository
        if environment is not None:
            condition = sa.and_(condition, tables.stacks.c.environment == environment)
        with reading(self._engine) as connection:
            return load_headers(connection, condition)

    def outputs(self, environment: EnvironmentKey) -> Mapping[str, Mapping[str, RecordedOutput]]:
        """The outputs of the environment's stacks by name, without those that were destroyed."""
        table = tables.stacks
        query = sa.select(table.c.name, table.c.lineage, table.c.outputs).where(
            *keys.of_environment(table, environment),
            table.c.desired_hash.is_not(None),
            table.c.moved.is_(None),
        )
        with reading(self._engine) as connection:
            return {row.name: rows.outputs_of(connection, row) for row in connection.execute(query)}

    def holders(self, objects: Collection[tuple[str, RemoteId]]) -> tuple[Holding, ...]:
        """Every record of these objects in any stack of the store, by stack and address."""
        with reading(self._engine) as connection:
            return load_holdings(connection, objects)

    def stacks(self, environment: EnvironmentKey) -> tuple[StackId, ...]:
        """The environment's stacks in state, empty ones included, by name and region."""
        table = tables.stacks
        query = sa.select(
            table.c.repository, table.c.environment, table.c.name, table.c.region
        ).where(*keys.of_environment(table, environment))
        with reading(self._engine) as connection:
            return tuple(sorted(map(rows.stack_id, connection.execute(query))))

    def environments(self, repository: str) -> tuple[str, ...]:
        """The repository's environments that state has stacks of, by name."""
        columns = tables.stacks.c
        query = sa.select(columns.environment).where(columns.repository == repository).distinct()
        with reading(self._engine) as connection:
            return tuple(sorted(connection.scalars(query)))

    def known(self) -> tuple[EnvironmentKey, ...]:
        """Every environment with stacks or leases, by repository and name."""
        columns = [
            (table.c.repository, table.c.environment) for table in (tables.stacks, tables.leases)
        ]
        query = sa.union(*(sa.select(*each) for each in columns))
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return tuple(sorted(EnvironmentKey(repository=one[0], environment=one[1]) for one in rows))

    def _load(self, connection: Connection, stack: StackId) -> tuple[int | None, RecordedStack]:
        """The stack's row number (None: it has no row) and its state."""
        row = connection.execute(rows.select_stack(stack)).one_or_none()
        if row is None:
            return None, RecordedStack(id=stack, lineage=secrets.token_hex(16))
        cached = self._cache.get(stack, row.lineage, row.serial)
        return row.id, cached or rows.load_stack(connection, row)

    # --- writing

    def rename(self, lease: Lease, stack: StackId, name: str) -> RecordedStack:
        """Give the stack another name, in one transaction; lineage and resources stay.

        Deletes an empty stack that has that name. Does nothing when the stack was renamed already
        or was never applied.

        Raises:
            ConflictError: state has another stack of that name with resources.
        """
        renamed = replace(stack, name=name)
        with writing(self._engine) as connection:
            leases.check(connection, lease)
            number, before = self._load(connection, stack)
            if number is not None:
                in_the_way, other = self._load(connection, renamed)
                serial = changes.renamed(before, other, name).serial
                if in_the_way is not None:
                    table = tables.stacks
                    connection.execute(sa.delete(table).where(table.c.id == in_the_way))
                connection.execute(
                    sa.update(tables.stacks)
                    .where(tables.stacks.c.id == number)
                    .values(name=name, serial=serial)
                )
            after = self._load(connection, renamed)[1]
        self._cache.drop(stack)
        self._cache.keep(after)
        return after

    def bring(self, lease: Lease, state: RecordedStack) -> RecordedStack:
        """Write the whole state of a stack that this store has nothing of; see ``StateStore``.

        Raises:
            ConflictError: there is something of it already.
        """
        if lease.environment != state.id.environment_key:
            raise InvariantError(f"A lease of {lease.environment} cannot guard {state.id}.")
        with writing(self._engine) as connection:
            leases.check(connection, lease)
            number, before = self._load(connection, state.id)
            after = changes.brought(before, state)
            rows.save_stack(connection, number, before, after)
        self._cache.keep(after)
        return after

    def _write(
        self, lease: Lease, stack: StackId, lineage: str | None, transition: Transition
    ) -> RecordedStack:
        """Check the epoch, read the state, change it and write what differs, in one transaction."""
        if lease.environment != stack.environment_key:
            raise InvariantError(f"A lease of {lease.environment} cannot guard {stack}.")
        with writing(self._engine) as connection:
            leases.check(connection, lease)
            number, before = self._load(connection, stack)
            if lineage is not None:
                before = changes.in_lineage(before, lineage)
            elif number is None:
                raise InvariantError(f"{stack.label} has no state to change.")
            after = transition(before)
            rows.save_stack(connection, number, before, after)
        # Keep it only now: a state must be committed first.
        self._cache.keep(after)
        return after
