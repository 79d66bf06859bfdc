"""Refuses state that would have one object, or one lineage, twice: an apply deletes what one of the two no longer wants. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from gitbot.errors import UserError
from gitbot.model.ownership import Holding
from gitbot.model.recorded import RecordedStack, StackHeader


def refuse_doubles(
    stacks: Sequence[RecordedStack], holders: Iterable[Holding], headers: Iterable[StackHeader]
) -> None:
    """Return when each object and each lineage of these stacks, which are to be written, is there once.

    ``holders`` are the records that the store has of their objects now, ``headers`` its stacks.

    Raises:
        UserError: one is there twice; says where.
    """
    written = {one.id for one in stacks}
    kept = [
        (
            (one.account, one.region, one.type, one.remote_id),
            f"{one.stack.label} as `{one.address}`",
        )
        for one in holders
        if one.stack not in written
    ]
    _refuse(
        [*_objects(stacks), *kept],
        "the object {} is in {} and in {}: take it out of one of the two",
    )
    lineages = [((one.lineage,), one.id.label) for one in stacks]
    lineages += [((one.lineage,), one.id.label) for one in headers if one.id not in written]
    _refuse(
        lineages,
        "the lineage {} is that of {} and of {}, and says whose objects are. A stack is renamed with `metadata.moved`",
    )


def _objects(stacks: Iterable[RecordedStack]) -> Iterator[tuple[tuple[str, ...], str]]:
    for stack in stacks:
        old = [one.resource for one in stack.deposed]
        for one in (*stack.resources.values(), *old):
            key = (one.account, one.region, one.type, one.remote_id)
            yield key, f"{stack.id.label} as `{one.address}`"


def _refuse(places: Iterable[tuple[tuple[str, ...], str]], words: str) -> None:
    found: dict[tuple[str, ...], str] = {}
    for key, place in places:
        if key in found:
            raise UserError(words.format(f"`{key[-1]}`", found[key], place))
        found[key] = place
