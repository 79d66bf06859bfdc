"""Decide which live objects claim an address of a stack, and which of them is the newest. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Present
from gitbot.model.recorded import RecordedResource, RecordedStack
from gitbot.model.tags import LINEAGE_TAG, OPERATION_TAG, RESOURCE_TAG, address_from
from gitbot.reconciler.digest import operation_token

Named = tuple[str, RemoteId]
"""The type of an object, and its identifier."""

MOST_GENERATIONS = 5_000
"""How many generations of an address are tried until one explains the tag of an object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimant:
    """A live object that says, or of which state says, that it is the resource at an address."""

    address: Address
    named: Named
    operation: str = ""
    generation: int | None = None
    record: RecordedResource | None = None


def generation_of(lineage: str, address: Address, operation: str) -> int | None:
    """The generation of the object whose tag names the operation; None if none explains it."""
    for generation in range(1, MOST_GENERATIONS):
        if operation in (
            operation_token(lineage, address, generation, "create"),
            operation_token(lineage, address, generation, "update"),
        ):
            return generation
    return None


def claimants(before: RecordedStack, live: Mapping[Named, Present]) -> list[Claimant]:
    """Each live object of the lineage where its tags say, and each other one where state has it."""
    records = {(one.type, one.remote_id): one for one in before.resources.values()}
    old = {(one.resource.type, one.resource.remote_id) for one in before.deposed}
    found = []
    for named, seen in sorted(live.items()):
        record, tags = records.get(named), seen.ownership
        if named in old:
            continue
        ours = tags.get(LINEAGE_TAG) == before.lineage
        if ours and RESOURCE_TAG in tags:
            address = address_from(tags[RESOURCE_TAG])
            operation = tags.get(OPERATION_TAG, "")
            generation = (
                record.generation if record else generation_of(before.lineage, address, operation)
            )
            found.append(
                Claimant(
                    address=address,
                    named=named,
                    operation=operation,
                    generation=generation,
                    record=record,
                )
            )
        elif record is not None:
            found.append(
                Claimant(
                    address=record.address,
                    named=named,
                    generation=record.generation,
                    record=record,
                )
            )
    return found


def ranked_claimants(claiming: Sequence[Claimant]) -> list[Claimant] | None:
    """The objects that claim one address, newest first; None if nothing tells which is the newest."""
    if len(claiming) == 1:
        return list(claiming)
    generations = [one.generation for one in claiming if one.generation is not None]
    if len(set(generations)) < len(claiming):
        return None
    return sorted(claiming, key=lambda one: -(one.generation or 0))
