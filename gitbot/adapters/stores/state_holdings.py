"""Find which stacks have an object in state, without decoding a resource. Shell."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gitbot.adapters.stores.sealed import mark_place, sealer_of
from gitbot.adapters.stores.state_rows import stack_id
from gitbot.adapters.stores.tables import state as tables
from gitbot.model.names import Address, RemoteId
from gitbot.model.ownership import Holding

_AT_ONCE = 500
"""How many identifiers one query names: databases limit the parameters of a statement."""


def load_holdings(
    connection: Connection, objects: Collection[tuple[str, RemoteId]]
) -> tuple[Holding, ...]:
    """Every record of these objects in any stack, by stack and address."""
    sealer = sealer_of(connection)
    # What may stand for each object: its identifier, or a keyed hash of it.
    wanted = {
        (type_, name): remote_id
        for type_, remote_id in set(objects)
        for name in sealer.marks(remote_id, mark_place(type_))
    }
    names = sorted({name for _, name in wanted})
    found = (
        holding
        for start in range(0, len(names), _AT_ONCE)
        for holding in _named(connection, names[start : start + _AT_ONCE], wanted)
    )
    return tuple(sorted(found, key=lambda each: (each.stack, each.address)))


def _named(
    connection: Connection, names: Collection[str], wanted: Mapping[tuple[str, str], RemoteId]
) -> Iterator[Holding]:
    table, stacks = tables.resources, tables.stacks
    place = (table.c.account, table.c.region.label("its_region"))
    query = (
        sa.select(table.c.address, table.c.type, table.c.remote_id, *place)
        .add_columns(stacks.c.repository, stacks.c.environment, stacks.c.name, stacks.c.region)
        .join(stacks, stacks.c.id == table.c.stack)
        .where(table.c.remote_id.in_(names))
    )
    for row in connection.execute(query):
        remote_id = wanted.get((row.type, row.remote_id))
        if remote_id is not None:
            yield Holding(
                stack=stack_id(row),
                address=Address(row.address),
                type=row.type,
                remote_id=remote_id,
                account=row.account,
                region=row.its_region,
            )
