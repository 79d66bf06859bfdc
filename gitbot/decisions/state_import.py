"""Decide which state a store takes over: by the tags of live objects, or from another store. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from gitbot.errors import UserError
from gitbot.model.names import Address, RemoteId, StackId
from gitbot.model.observed import Found, Lookup
from gitbot.model.recorded import RecordedStack


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The state that would be taken over, and the objects that it is about (address, type, id).

    ``copied``: the state comes whole from another store. Otherwise only its lineage is restored, and the
    next plan adopts the objects.
    """

    state: RecordedStack
    objects: tuple[tuple[Address, str, RemoteId], ...]
    copied: bool


def offer_by_tags(
    stack: StackId,
    lookups: Sequence[Lookup],
    found: Mapping[Address, Sequence[Found]],
    lineage: str | None,
) -> Offer | None:
    """The lineage that live objects name as that of this stack; None if no object names the stack.

    ``lineage``: only objects of this one count.

    Raises:
        UserError: objects of several lineages name the stack.
    """
    types = {lookup.address: lookup.type for lookup in lookups}
    mine = [
        one
        for address in sorted(found)
        for one in found[address]
        if (one.stack, one.address) == (stack.label, address)
        and one.lineage is not None
        and lineage in (None, one.lineage)
    ]
    if not mine:
        return None
    return Offer(
        state=RecordedStack(id=stack, lineage=_lineage(stack, mine), complete=False, edited=True),
        objects=tuple(
            (address, types[address], one.remote_id)
            for one in mine
            if (address := Address(one.address or "")) in types
        ),
        copied=False,
    )


def _lineage(stack: StackId, objects: Sequence[Found]) -> str:
    """The lineage that all of the objects name. Raises UserError when they name several."""
    lineages = sorted({str(one.lineage) for one in objects})
    if len(lineages) > 1:
        each = "; ".join(
            f"{name}: " + ", ".join(one.remote_id for one in objects if one.lineage == name)
            for name in lineages
        )
        raise UserError(
            f"objects of several states carry the name {stack.label} ({each}): say which state is "
            "meant with --lineage"
        )
    return lineages[0]


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
            copied=True,
        )
        for state in states
        if not only or state.id.name in only
    )
