"""Say of a stack that the source has no more whether its deletion is promoted. Shell."""

from __future__ import annotations

from gitbot.decisions.expiry.stages import ended_by_expiry
from gitbot.decisions.promotion.finding import target_of
from gitbot.decisions.promotion.instances import named_in
from gitbot.jobs.steps.promotion.world import World
from gitbot.model.wanted import Wanted


def ended(world: World, stack: str, wanted: Wanted) -> bool:
    """Whether expiry ended the source's stack in all of its regions: that is the source's own, and is
    not promoted."""
    source = world.sources.get(stack)
    if source is not None:
        return wanted.entombed.issuperset(named_in(stack, source.plain))
    if stack in wanted.entombed:
        return True
    histories = map(world.ports.records.expiries.history, world.ever(stack))
    known = [one for one in histories if one]
    return bool(known) and all(map(ended_by_expiry, known))


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
