"""Decide which state a store takes over from another one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from gitbot.errors import UserError
from gitbot.model.names import Address, RemoteId
from gitbot.model.recorded import RecordedStack


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The state that would be taken over, and the objects that it is about (address, type, id)."""

    state: RecordedStack
    objects: tuple[tuple[Address, str, RemoteId], ...]


def offers_of(
    source: Iterable[RecordedStack], repository: str, only: Sequence[str]
) -> tuple[Offer, ...]:
    """The states of another store, under the id that the repository has in this one.

    Raises:
        UserError: a stack in ``only`` has no state there.
    """
    states = [state for state in source if not state.empty and state.moved is None]
    names = {state.id.name for state in states}
    if missing := sorted(set(only) - names):
        raise UserError(
            f"the other store has no state of {', '.join(missing)}; it has: "
            f"{', '.join(sorted(names)) or 'none'}"
        )
    return tuple(
        Offer(
            state=replace(state, id=replace(state.id, repository=repository)),
            objects=tuple(
                (address, resource.type, resource.remote_id)
                for address, resource in sorted(state.resources.items())
            ),
        )
        for state in states
        if not only or state.id.name in only
    )
