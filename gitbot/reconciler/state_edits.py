"""Change what state has of a stack by hand: another address, or nothing any more. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from gitbot.errors import UserError
from gitbot.model.names import ADDRESS_PATTERN, Address, RemoteId, is_within
from gitbot.model.observed import Observation, Present
from gitbot.model.recorded import RecordedResource, RecordedStack
from gitbot.model.tags import RESOURCE_TAG, address_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """The state after an edit. ``moved`` maps former addresses to new ones, ``removed`` addresses,
    with a number where one has several objects, to the identifiers that state no longer knows."""

    after: RecordedStack
    moved: Mapping[Address, Address]
    removed: Mapping[str, RemoteId]


def move(recorded: RecordedStack, before: Address, after: Address) -> Edit:
    """Give what is at the address, and everything below it, another one.

    Raises:
        UserError: there is nothing at the address, or something at the new one, or an apply of the
            stack is not finished.
    """
    _check_finished(recorded)
    if not re.fullmatch(ADDRESS_PATTERN, after):
        raise UserError(f"{after!r} is no address of a resource: nothing was changed")
    there = _within(recorded, before)
    moved = {at: Address(after + at[len(before) :]) for at in there}
    taken = sorted(one for one in moved.values() if one in recorded.resources and one not in moved)
    if before == after or is_within(after, before):
        raise UserError(f"{after} is {before} itself, or inside of it: nothing was changed")
    if taken:
        raise UserError(f"{recorded.id.label} has something at {', '.join(taken)} already")

    def renamed(resource: RecordedResource) -> RecordedResource:
        return replace(
            resource,
            address=moved.get(resource.address, resource.address),
            depends_on=tuple(moved.get(one, one) for one in resource.depends_on),
        )

    resources = [renamed(one) for one in recorded.resources.values()]
    state = replace(
        recorded,
        resources={one.address: one for one in resources},
        deposed=tuple(replace(one, resource=renamed(one.resource)) for one in recorded.deposed),
        complete=False,
    )
    return Edit(after=state, moved=moved, removed={})


def as_tagged(edit: Edit, observed: Mapping[Address, Observation]) -> Mapping[Address, Observation]:
    """The observations as they are once the edit has put the new addresses on the moved objects."""
    formers = {new: address_text(old) for old, new in edit.moved.items()}

    def tagged(address: Address, seen: Observation) -> Observation:
        if not isinstance(seen, Present) or address not in formers:
            return seen
        if seen.ownership.get(RESOURCE_TAG) != formers[address]:
            return seen
        return replace(seen, ownership={**seen.ownership, RESOURCE_TAG: address_text(address)})

    return {address: tagged(address, seen) for address, seen in observed.items()}


def remove(recorded: RecordedStack, address: Address) -> Edit:
    """Take what is at the address, and everything below it, out of state.

    The cloud keeps the objects, old ones of replacements too.

    Raises:
        UserError: there is nothing at the address, or an apply of the stack is not finished.
    """
    _check_finished(recorded)
    there = frozenset(_within(recorded, address))
    removed: dict[str, RemoteId] = {at: recorded.resources[at].remote_id for at in sorted(there)}
    old = [one.resource for one in recorded.deposed if one.resource.address in there]
    for number, one in enumerate(old, 1):
        removed[f"{one.address} (old object {number})"] = one.remote_id
    state = replace(
        recorded,
        resources={at: one for at, one in recorded.resources.items() if at not in there},
        deposed=tuple(one for one in recorded.deposed if one.resource.address not in there),
        complete=False,
    )
    return Edit(after=state, moved={}, removed=removed)


def _within(recorded: RecordedStack, address: Address) -> list[Address]:
    found = [at for at in recorded.resources if is_within(at, address)]
    if not found:
        known = ", ".join(sorted(recorded.resources)) or "nothing"
        raise UserError(f"{recorded.id.label} has nothing at {address!r} in state; it has: {known}")
    return found


def _check_finished(recorded: RecordedStack) -> None:
    if recorded.intents:
        raise UserError(
            f"an apply of {recorded.id.label} was cut off in the middle of a change of "
            f"{recorded.intents[0].address}: apply it first, and then change its state"
        )
