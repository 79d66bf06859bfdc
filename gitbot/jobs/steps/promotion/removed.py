"""Find the stacks that the source has no more, and whose deletion is promoted. Shell."""

from __future__ import annotations

from gitbot.decisions.expiry.stages import ended_by_expiry
from gitbot.decisions.promotion.finding import target_of
from gitbot.jobs.steps.promotion.world import World
from gitbot.model.promotion import PromotionRow


def removed(world: World) -> tuple[PromotionRow, ...]:
    """The rows of stacks that were promoted once, that are destroyed in the source, and that the
    target still has. What expiry ended is not among them: that is the source's own.

    While the source has errors nothing counts as removed.
    """
    wanted = world.seen.wanted(world.source.name)
    if not wanted.complete:
        return ()
    renamed = {
        (ours.path, ours.document)
        for name, source in world.sources.items()
        if (ours := target_of(name, source, world.targets)) is not None
    }
    return tuple(
        row
        for row in sorted(world.rows.values(), key=lambda row: row.stack)
        if row.stack not in world.sources
        and row.stack in world.targets
        and row.stack not in world.unapplied
        and row.stack not in wanted.entombed
        and row.base
        and (world.targets[row.stack].path, world.targets[row.stack].document) not in renamed
        and not ended_by_expiry(world.ports.records.expiries.history(world.source_id(row.stack)))
    )
