"""Gather what is known of each stack of an edge, for the decision what becomes of it. Shell."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from gitbot.decisions.promotion.acts import Edge
from gitbot.decisions.promotion.finding import is_promoted
from gitbot.decisions.promotion.grouping import prefix_of
from gitbot.decisions.promotion.pins import together
from gitbot.decisions.promotion.proposal import Proposal
from gitbot.decisions.promotion.standing import Next, StackFacts, Standing, standing
from gitbot.jobs.steps.promotion.ends import Ends
from gitbot.jobs.steps.promotion.health import soaked
from gitbot.jobs.steps.promotion.origins import origins_of
from gitbot.jobs.steps.promotion.removed import ended, is_ours
from gitbot.jobs.steps.promotion.world import World, proposed, with_moves
from gitbot.language.files import MODULES
from gitbot.model.forge import PullRequest
from gitbot.model.promotion import PromotionRow
from gitbot.model.wanted import Wanted


def pending(world: World, ends: Ends, everyone: Collection[PullRequest]) -> Edge:
    """What is known of every stack of the edge.

    Rows of stacks of which nothing is left take the source's text as their new base.
    """
    wanted = world.seen.wanted(world.source.name)
    standings = {
        stack: standing_of(world, stack, ends, wanted)
        for stack in sorted({*world.rows, *world.promotable()})
    }
    rows = {stack: world.rows[stack] for stack in standings if stack in world.rows}
    standings = together(standings, rows, world.pin)
    world.waits = {stack: one.why for stack, one in standings.items() if one.next is Next.WAITS}
    return Edge(
        source=world.source.name,
        target=world.target.name,
        rows=rows,
        standings=standings,
        ties=_ties(world, rows, standings),
        open={
            **{number: one.head_ref for number, one in ends.open.items()},
            **{one.number: one.head_ref for one in everyone if _is_own(world, one)},
        },
    )


def _is_own(world: World, one: PullRequest) -> bool:
    """Whether gitbot opened it to promote something over this edge."""
    prefix = prefix_of(world.source.name, world.target.name)
    if one.from_fork or not one.head_ref.startswith(prefix):
        return False
    repository = world.seen.repository
    own = world.ports.records.proposals.of_pull_request(repository.id, one.number)
    return own is not None and one.base_ref == repository.tracked_branch


def standing_of(world: World, stack: str, ends: Ends, wanted: Wanted) -> Standing:
    """What becomes of the stack; its row is counted until now."""
    source, known = world.sources.get(stack), world.rows.get(stack)
    live = known.live.number if known is not None and known.live is not None else None
    facts = StackFacts(
        source=world.source.name,
        target=world.target.name,
        landing=live if live in ends.landing else None,
        there=source is not None,
        loads=bool(world.instances(stack)),
        complete=wanted.complete,
        promoted=source is not None and is_promoted(source),
        applied=stack not in world.unapplied,
        ended=ended(world, stack, wanted),
        ours=source is None and is_ours(world, stack),
        based=known is not None and bool(known.base),
        live=live is not None,
    )
    counts = facts.applied or known is not None
    if source is None or not (facts.loads and facts.promoted and counts):
        return standing(facts)
    row = _counted(world, stack)
    return standing(_with_proposal(world, row, facts)) if facts.applied else standing(facts)


def _counted(world: World, stack: str) -> PromotionRow:
    """The row with its soak counted until now, and the renamings of a text that is applied."""
    row = world.row(stack)
    soak = soaked(world, row, world.ports.engine.calendar.now())
    moved = row if stack in world.unapplied else with_moves(row, world.sources[stack])
    return world.put(replace(moved, soak=soak))


def _with_proposal(world: World, row: PromotionRow, facts: StackFacts) -> StackFacts:
    """The facts with what the stack would bring. Where that is nothing, its row is brought up to it."""
    found = proposed(world, row)
    if not isinstance(found, Proposal):
        return replace(facts, unwritten=str(found))
    changes = bool(not found.is_nothing or found.merged.conflicts or world.moves(row.stack))
    alone = world.sources[row.stack].alone
    if not changes and not found.merged.deleted and row.live is None and row.base != alone:
        world.put(replace(row, base=alone, base_commit=world.seen.tip, moves={}))
    return replace(
        facts,
        changes=changes,
        deletions=bool(found.merged.deleted),
        ready=row.soak.verified_at is not None or row.waived == row.soak.hash,
    )


def _ties(
    world: World, rows: dict[str, PromotionRow], standings: dict[str, Standing]
) -> dict[str, tuple[str, ...]]:
    """The pull requests that changed each stack which could be brought together with others."""
    some = [
        row
        for stack, row in rows.items()
        if standings[stack].next is Next.CHANGES
        or (standings[stack].next is Next.WAITS and row.live is not None)
    ]
    if len(some) < 2:
        return {}
    origins = {row.stack: origins_of(world, row).pull_requests for row in some}
    return {
        # One line stands for all of these: they are brought together.
        stack: (*(f"#{one.number}" for one in each), *([MODULES] if world.moves(stack) else []))
        for stack, each in origins.items()
    }
