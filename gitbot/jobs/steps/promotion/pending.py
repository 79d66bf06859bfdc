"""Find what is to be promoted now, in groups that belong together. Shell."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from gitbot.decisions.promotion.grouping import groups
from gitbot.decisions.promotion.proposal import Proposal
from gitbot.jobs.steps.promotion.health import soaked
from gitbot.jobs.steps.promotion.origins import origins_of
from gitbot.jobs.steps.promotion.others import others_of
from gitbot.jobs.steps.promotion.removed import removed
from gitbot.jobs.steps.promotion.world import World, proposed, with_moves
from gitbot.model.forge import PullRequest
from gitbot.model.promotion import Part, PromotionRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """Stacks that one pull request brings, or their deletions.

    ``other`` is the open pull request of somebody else that changes one of them in the target.
    """

    part: Part
    rows: tuple[PromotionRow, ...]
    other: PullRequest | None = None

    @property
    def held(self) -> bool:
        """Whether one of them is held."""
        return any(row.hold is not None for row in self.rows)


def pending(world: World, open_: tuple[PullRequest, ...]) -> tuple[Pending, ...]:
    """What is to be promoted, as far as it is applied and verified in the source.

    Rows of stacks of which nothing is left take the source's text as their new base.
    """
    parts: dict[Part, dict[str, PromotionRow]] = {part: {} for part in Part}
    for stack in world.promotable():
        row = _counted(world, stack)
        found = None if row is None else _part(world, row)
        if row is not None and found is not None:
            parts[found][stack] = row
    parts[Part.DELETIONS].update({row.stack: row for row in removed(world)})
    return tuple(
        Pending(
            part=part,
            rows=tuple(rows[stack] for stack in group),
            other=next(filter(None, (others_of(world, open_, stack) for stack in group)), None),
        )
        for part, rows in parts.items()
        for group in _groups(world, part, rows)
    )


def _counted(world: World, stack: str) -> PromotionRow | None:
    """The row with its soak counted until now; None while the source is not applied with its text."""
    row, now = world.row(stack), world.ports.engine.calendar.now()
    if stack in world.unapplied:
        if stack in world.rows:
            world.put(replace(row, soak=soaked(world, row, now)))
        return None
    row = with_moves(row, world.sources[stack])
    soak = soaked(world, row, now)
    return world.put(replace(row, soak=soak))


def _part(world: World, row: PromotionRow) -> Part | None:
    """Whether changes or only deletions of the stack are to be promoted; None for nothing."""
    ready = row.soak.verified_at is not None or row.waived == row.soak.hash
    found = proposed(world, row)
    if not isinstance(found, Proposal):
        return None
    if not found.is_nothing or found.merged.conflicts:
        return Part.CHANGES if ready or row.live is not None else None
    if found.merged.deleted:
        return Part.DELETIONS if ready or row.live is not None else None
    if row.live is None:
        alone = world.sources[row.stack].alone
        if row.base != alone:
            world.put(replace(row, base=alone, base_commit=world.seen.tip, moves={}))
    return None


def _groups(world: World, part: Part, rows: dict[str, PromotionRow]) -> Iterable[Collection[str]]:
    """Stacks that one merge changed, or that are in one pull request already, go together."""
    if part is Part.DELETIONS or len(rows) < 2:
        return [(stack,) for stack in sorted(rows)]
    return groups(
        {
            stack: [
                *(f"#{each.number}" for each in origins_of(world, row).pull_requests),
                *([row.live.branch] if row.live is not None else []),
            ]
            for stack, row in rows.items()
        }
    )


def gone_stale(
    world: World, open_: dict[int, PullRequest], waiting: Iterable[Pending]
) -> dict[int, list[PromotionRow]]:
    """The open pull requests that bring nothing any more, with their rows."""
    busy = {row.stack for group in waiting for row in group.rows}
    found: dict[int, list[PromotionRow]] = {}
    for row in world.rows.values():
        applied = row.stack not in world.unapplied
        if row.live is not None and row.live.number in open_ and row.stack not in busy and applied:
            found.setdefault(row.live.number, []).append(row)
    kept = {row.live.number for row in world.rows.values() if row.stack in busy and row.live}
    return {number: rows for number, rows in found.items() if number not in kept}


def unapplied(world: World, open_: dict[int, PullRequest]) -> tuple[int, ...]:
    """The open pull requests with a stack whose newest text is not applied in the source."""
    return tuple(
        sorted(
            {
                row.live.number
                for row in world.rows.values()
                if row.live is not None
                and row.live.number in open_
                and row.stack in world.unapplied
            }
        )
    )
