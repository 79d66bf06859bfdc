"""Show which gates of a promotion are open, and merge it where the rules say so. Shell."""

from __future__ import annotations

from dataclasses import replace

from gitbot.decisions.promotion.gates import GateFacts, gates, wakes_at
from gitbot.jobs.steps.obstacles import may_now
from gitbot.jobs.steps.promotion.health import drift_words
from gitbot.jobs.steps.promotion.pull_requests import Bringing
from gitbot.jobs.steps.promotion.world import World
from gitbot.jobs.steps.publish import set_checks
from gitbot.jobs.steps.rights import missing_approval
from gitbot.model.forge import PullRequest
from gitbot.model.freeze import Act
from gitbot.model.promotion import GateState, PromotedStack, PromotionRow
from gitbot.render.promotion import decisions, promotion_check


def settle_gates(
    world: World, new: Bringing, found: PullRequest, *, other: PullRequest | None
) -> None:
    """Set the check ``gitbot/promotion`` on the head, and record when the gates are looked at again."""
    now = world.ports.engine.calendar.now()
    head = world.seen.forge.pull_request(found.number)
    states: list[tuple[str, tuple[GateState, ...]]] = []
    for row, told in zip(new.rows, new.stacks, strict=True):
        known = world.rows.get(row.stack, row)
        facts = _facts(world, known, told, head, other)
        some = gates(facts, now)
        states.append((row.stack, some))
        wake_at = wakes_at(some, now)
        why = next((state.why for state in some if not state.open and not state.who), "")
        world.put(
            replace(
                known,
                wake_at=wake_at,
                why=f"the promotion of {world.source.name}/{row.stack} to {world.target.name}: {why}",
            )
        )
    set_checks(world.ports, world.seen, head.head, [promotion_check(states)], "")


def _facts(
    world: World,
    row: PromotionRow,
    told: PromotedStack,
    head: PullRequest,
    other: PullRequest | None,
) -> GateFacts:
    target = world.seen.stack_id(world.target, row.stack)
    asks = list(decisions(told))
    return GateFacts(
        source=world.source.name,
        applied=row.stack not in world.unapplied,
        soak=row.soak,
        needs=world.rules.soak,
        drifted=drift_words(world, row.stack),
        undecided=f"{len(asks)} things (they stand in the text of #{head.number})" if asks else "",
        hold=row.hold,
        window=may_now(world.ports, world.seen, world.target, target, Act.PROMOTE),
        others=f"#{other.number} of {other.author} changes it in {world.target.name}"
        if other is not None
        else "",
        missing=_missing(world, row, head),
        waived_by=row.waived_by if row.waived == row.soak.hash else "",
    )


def _missing(world: World, row: PromotionRow, head: PullRequest) -> tuple[str, ...]:
    """What the target's requirements ask for and the pull request does not have yet."""
    runs = world.ports.records.runs
    stack = world.seen.stack_id(world.target, row.stack)
    run = runs.shown_plan(stack, head.number)
    plans = [runs.plan(run.id)] if run is not None else []
    return missing_approval(world.ports, world.seen, world.target, head, plans)
