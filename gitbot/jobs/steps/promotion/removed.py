"""Say of a stack that the source has no more whether its deletion is promoted. Shell."""

from __future__ import annotations

from gitbot.decisions.expiry.stages import ended_by_expiry
from gitbot.decisions.promotion.finding import target_of
from gitbot.jobs.steps.promotion.world import World
from gitbot.model.wanted import Wanted


def ended(world: World, stack: str, wanted: Wanted) -> bool:
    """Whether expiry ended the source's stack: that is the source's own, and is not promoted."""
    if stack in wanted.entombed:
        return True
    if stack in world.sources:
        return False
    return ended_by_expiry(world.ports.records.expiries.history(world.source_id(stack)))


def is_ours(world: World, stack: str) -> bool:
    """Whether the target has a stack of this name that no other stack of the source is promoted to."""
    here = world.targets.get(stack)
    if here is None:
        return False
    found = (
        target_of(name, source, world.targets)
        for name, source in world.sources.items()
        if name != stack
    )
    return all(
        one is None or (one.path, one.document) != (here.path, here.document) for one in found
    )
