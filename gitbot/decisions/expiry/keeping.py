"""Decides what an expired stack leaves in the cloud: data, and what that data needs. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from gitbot.model.names import Address
from gitbot.model.recorded import RecordedStack
from gitbot.model.schema import OnExpiry, SchemaLookup


def kept_of(recorded: RecordedStack, schemas: SchemaLookup) -> tuple[Address, ...]:
    """The addresses that stay: what says ``onExpiry: keep``, and stateful objects without
    ``onExpiry: delete``.

    What a kept object depends on stays too: without its key, nobody could read a kept bucket.
    Objects that ``retain`` leaves alone are not among them: they are taken out of state.
    """
    kept: set[Address] = set()
    for address, resource in recorded.resources.items():
        schema = schemas(resource.type)
        stateful = schema is None or schema.stateful
        by_default = OnExpiry.KEEP if stateful else OnExpiry.DELETE
        if not resource.retain and (resource.on_expiry or by_default) is OnExpiry.KEEP:
            kept.add(address)
    return tuple(sorted(kept | _needed(recorded, kept)))


def _needed(recorded: RecordedStack, kept: Iterable[Address]) -> set[Address]:
    found: set[Address] = set()
    ahead = list(kept)
    while ahead:
        resource = recorded.resources.get(ahead.pop())
        for address in resource.depends_on if resource else ():
            if address not in found:
                found.add(address)
                ahead.append(address)
    return {address for address in found if address in recorded.resources}
