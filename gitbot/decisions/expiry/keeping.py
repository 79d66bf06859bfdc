"""Decides what an expired stack leaves in the cloud: data, and what that data needs. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from gitbot.model.names import Address
from gitbot.model.placement import sizes_of
from gitbot.model.recorded import RecordedStack
from gitbot.model.schema import OnExpiry, SchemaLookup


def kept_of(recorded: RecordedStack, schemas: SchemaLookup) -> tuple[Address, ...]:
    """The addresses that stay: what says ``onExpiry: keep``, and stateful objects without
    ``onExpiry: delete``.

    What a kept object depends on stays too: without its key, nobody could read a kept bucket.
    Objects that ``retain`` leaves alone are not among them: they are taken out of state. What they
    depend on stays as well, because the cloud does not delete it.
    """
    kept: set[Address] = set()
    retained = {address for address, resource in recorded.resources.items() if resource.retain}
    for address, resource in recorded.resources.items():
        schema = schemas(resource.type)
        stateful = schema is None or schema.stateful
        by_default = OnExpiry.KEEP if stateful else OnExpiry.DELETE
        if not resource.retain and (resource.on_expiry or by_default) is OnExpiry.KEEP:
            kept.add(address)
    return tuple(sorted((kept | _needed(recorded, kept | retained)) - retained))


def wiped_by_stop(recorded: RecordedStack, schemas: SchemaLookup) -> tuple[Address, ...]:
    """The machines that can have disks of their host, which a stop erases."""
    return tuple(
        address
        for address, resource in sorted(recorded.resources.items())
        if (schema := schemas(resource.type)) is not None
        and schema.switch is not None
        and any(
            size.startswith(schema.switch.wiped)
            for size in sizes_of(resource.properties, schema.switch.size)
        )
    )


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
