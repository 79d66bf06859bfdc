"""Read the objects of a table in pages, and with single calls what the pages lack. Shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from gitbot.model.names import Address
from gitbot.model.observed import Observation, ReadRequest, Remembered
from gitbot.providers.aws.believing import Memory
from gitbot.providers.aws.observations import observations
from gitbot.providers.aws.plain import Plain
from gitbot.providers.aws.surfaces import read_apart
from gitbot.providers.aws.table import Described, Table
from gitbot.providers.aws.table_protocols import Believing, Listing
from gitbot.providers.aws.tagging import tag_map

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection


def read_table(
    table: Table, aws: Connection, requests: Sequence[ReadRequest]
) -> Mapping[Address, Observation]:
    """An observation of each object.

    Costs the pages of the table's listing and of its joins, and one call for each declared property
    that has a ``read`` of its own and that these lack.
    """
    ids, listing = [str(request.remote_id) for request in requests], table.listing
    if isinstance(listing, Believing):
        listing = listing.believing(Memory.of(requests, table.id_of))
    by_id = described(table, aws, ids, listing)
    properties = {remote_id: _shown(table, one) for remote_id, one in by_id.items()}
    asked = frozenset().union(*(one.surfaces for one in requests))
    for join in table.joins if by_id else ():
        if join.only_for and asked.isdisjoint(join.only_for):
            continue
        for element in join.calls(aws, by_id):
            for remote_id, attributes in join.gives(element):
                if remote_id in properties:
                    properties[remote_id] |= attributes
    _read_apart(table, aws, requests, properties)
    return observations(
        requests,
        {
            remote_id: {name: value for name, value in one.items() if value is not None}
            for remote_id, one in properties.items()
        },
        tags={remote_id: one.get("Tags") for remote_id, one in by_id.items()},
        described=by_id if len(requests) == 1 else {},
    )


def _read_apart(
    table: Table,
    aws: Connection,
    requests: Sequence[ReadRequest],
    properties: dict[str, dict[str, Any]],
) -> None:
    """Add the wanted properties that have calls of their own; drop an object that is gone by now."""
    wanted = {
        str(one.remote_id): one.surfaces - set(properties[one.remote_id])
        for one in requests
        if one.remote_id in properties
    }
    apart = read_apart(aws, table.surfaces, wanted, table.dialect.absent)
    state = {str(one.remote_id): one.remembered for one in requests}
    for remote_id, more in apart.items():
        if more is None:
            del properties[remote_id]
        else:
            properties[remote_id] |= _known(table, more, state[remote_id])


def _known(
    table: Table, read: Mapping[str, Any], remembered: Remembered | None
) -> Mapping[str, Any]:
    """What was read with calls of its own, without what the cloud forgets by itself."""
    applied = {} if remembered is None else remembered.properties
    filters = {
        one.property: one.known(read[one.property], applied.get(one.property))
        for one in table.surfaces
        if one.known is not None and one.property in read
    }
    return {**read, **filters}


def described(
    table: Table, aws: Connection, ids: Sequence[str], listing: Listing | None = None
) -> dict[str, Described]:
    """The descriptions of the objects that exist, by identifier; ``listing`` None takes the table's."""
    wanted, listing = set(ids), listing or table.listing
    told: Mapping[str, Described] = {}
    if isinstance(listing, Plain) and listing.asks is None and len(wanted) == 1:
        question, [own] = (table.name, listing.calls), wanted
        told = aws.gathering.ask(question, own, partial(_by_id, table, aws, listing))
    elif wanted:
        told = _by_id(table, aws, listing, sorted(wanted))
    return {own: one for own, one in told.items() if own in wanted}


def _by_id(
    table: Table, aws: Connection, listing: Listing, ids: Sequence[str]
) -> dict[str, Described]:
    found = ((table.id_of(one), one) for one in listing.by_id(aws, ids) if table.exists(one))
    return dict(found)


def look_at(table: Table, aws: Connection, remote_id: str) -> Described | None:
    """The description of one object, without tags that would cost a call; None if there is none."""
    listing = table.listing
    if isinstance(listing, Believing):
        listing = listing.untagged()
    return described(table, aws, [remote_id], listing).get(remote_id)


def _shown(table: Table, one: Described) -> dict[str, Any]:
    shows, tags = dict(table.shows(one)), table.tags
    if tags is not None and tags.declared:
        pairs = list(one.get("Tags") or ())
        shows[tags.declared] = tag_map(pairs) if tags.as_map else pairs
    return shows
