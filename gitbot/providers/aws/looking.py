"""Look for the objects that resources to be created may be already. Shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from gitbot.model.cloud import Operation
from gitbot.model.names import Address
from gitbot.model.observed import Found, Lookup
from gitbot.providers.aws.native import Handler, Tagged
from gitbot.providers.aws.tagging import Marks

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_PATIENCE = timedelta(minutes=1)


def look(
    handler: Handler, aws: Connection, lookups: Sequence[Lookup]
) -> Mapping[Address, tuple[Found, ...]]:
    """What was found for each lookup of one type: by its name, or else by its tags."""
    named = [each for each in lookups if each.named]
    by_name = aws.each(lambda each: handler.find(aws, _operation(aws, each)), named)
    found: dict[Address, tuple[Found, ...]] = {
        each.address: (one,) for each, one in zip(named, by_name, strict=True) if one is not None
    }
    unnamed = [each for each in lookups if not each.named]
    if unnamed and isinstance(handler, Tagged):
        addresses = frozenset(each.address for each in unnamed)
        marks = Marks(lineage=unnamed[0].lineage, stack=unnamed[0].stack, addresses=addresses)
        tagged = sorted(set(handler.tagged(aws, marks)), key=lambda one: one.remote_id)
        for address in addresses:
            # Compare here, whatever the search returned.
            mine = tuple(one for one in tagged if marks.fit(one) and one.address == address)
            if mine:
                found[address] = mine
    return found


def _operation(aws: Connection, lookup: Lookup) -> Operation:
    """An operation that made nothing, to find what has the name."""
    return Operation(
        token="-",
        address=lookup.address,
        type=lookup.type,
        route=lookup.route,
        properties=lookup.properties,
        asked=False,
        deadline=aws.clock.now() + _PATIENCE,
    )
