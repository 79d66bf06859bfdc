"""Show which gates of a promotion are open, and merge it where the rules say so. Shell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gitbot.decisions.promotion.gates import GateFacts, all_open, gates, wakes_at
from gitbot.decisions.promotion.life import changes_nothing
from gitbot.errors import RefusedError
from gitbot.jobs.steps.obstacles import may_now
from gitbot.jobs.steps.promotion.health import drift_words
from gitbot.jobs.steps.promotion.merges import blocked_by, merge
from gitbot.jobs.steps.promotion.people import ask_people
from gitbot.jobs.steps.promotion.pull_requests import is_decided
from gitbot.jobs.steps.promotion.world import World
from gitbot.jobs.steps.publish import set_checks
from gitbot.jobs.steps.rights import unmet_requirements
from gitbot.model.forge import PullRequest
from gitbot.model.freeze import Act
from gitbot.model.promotion import GateState, How, Part, PromotionRow, Soak
from gitbot.model.runs import Run
from gitbot.render.promotion import promotion_check


def settle_gates(world: World, number: int, *, other: PullRequest | None) -> None:
    """Set the check ``gitbot/promotion`` on the head, record when the gates are looked at again, and
    merge where all are open and the target's rules want it.

    The rows are those whose open pull request has this number.
    """
    head = world.seen.forge.pull_request(number)
    if not head.open:
        return
    rows = sorted(_rows(world, number), key=lambda row: row.stack)
    blocked = blocked_by(world, head, merges=_merges(world, rows))
    is_open = _say(world, rows, head, other, blocked)
    ask_people(world, head)
    if is_open and _merges(world, rows):
        try:
            merge(world, head)
        except RefusedError as error:
            # The rows were written since.
            now = sorted(_rows(world, number), key=lambda row: row.stack)
            _say(world, now, head, other, str(error))


def _say(
    world: World,
    rows: Sequence[PromotionRow],
    head: PullRequest,
    other: PullRequest | None,
    blocked: str,
) -> bool:
    """Whether every gate of every stack is open; the check says so."""
    now = world.ports.engine.calendar.now()
    states: list[tuple[str, tuple[GateState, ...]]] = []
    for row in rows:
        some = gates(_facts(world, row, head, other, blocked, now), now)
        live = row.live
        if live is not None:
            live = replace(live, person=world.rules.how is How.PR or any(one.who for one in some))
        states.append((row.stack, some))
        why = next((state.why for state in some if not state.open and not state.who), "")
        words = f"the promotion of {world.source.name}/{row.stack} to {world.target.name}: {why}"
        world.put(replace(row, live=live, wake_at=wakes_at(some, now), why=words))
    set_checks(world.ports, world.seen, head.head, [promotion_check(states)], "")
    return all(all_open(some) for _, some in states)


def _merges(world: World, rows: Sequence[PromotionRow]) -> bool:
    """Whether gitbot merges it by itself: never deletions, and never what a person must decide."""
    return world.rules.how is How.MERGE and all(
        row.live is not None and row.live.part is Part.CHANGES and not row.live.undecided
        for row in rows
    )


def _rows(world: World, number: int) -> Sequence[PromotionRow]:
    return [
        row for row in world.rows.values() if row.live is not None and row.live.number == number
    ]


def _facts(
    world: World,
    row: PromotionRow,
    head: PullRequest,
    other: PullRequest | None,
    blocked: str,
    now: datetime,
) -> GateFacts:
    target = world.seen.stack_id(world.target, row.stack)
    asks = 0 if row.live is None or is_decided(world, head) else row.live.undecided
    run = _shown(world, row, head)
    return GateFacts(
        source=world.source.name,
        applied=row.stack not in world.unapplied,
        soak=row.soak if row.stack in world.sources else _gone(world, now),
        needs=world.rules.soak,
        drifted=drift_words(world, row.stack),
        undecided=f"what the text of #{head.number} lists ({asks}): commit what is right to its branch, or "
        "mark it as ready (where there are no drafts: take the label away) to keep it as it is"
        if asks
        else "",
        hold=row.hold,
        window=may_now(world.ports, world.seen, world.target, target, Act.PROMOTE),
        others=f"#{other.number} of {other.author} changes it in {world.target.name}"
        if other is not None
        else "",
        unplanned="" if row.live is None or changes_nothing(row.live) else _unplanned(world, run),
        missing=_missing(world, run, head),
        blocked=blocked,
        waived_by=row.waived_by if row.waived and row.waived == row.soak.hash else "",
    )


def _gone(world: World, now: datetime) -> Soak:
    """The soak of a stack that the source has no more: there is nothing to wait for."""
    return Soak(verified_at=now, counted=world.rules.soak, counted_at=now)


def _shown(world: World, row: PromotionRow, head: PullRequest) -> Run | None:
    """The plan of the target's stack that the pull request shows for its head."""
    stack = world.seen.stack_id(world.target, row.stack)
    run = world.ports.records.runs.shown_plan(stack, head.number)
    return run if run is not None and run.head == head.head else None


def _unplanned(world: World, run: Run | None) -> str:
    if run is None:
        return "it is not shown yet"
    merges = world.rules.how is How.MERGE
    return (
        "it is too long to be shown whole: a person merges it"
        if merges and not run.shown_whole
        else ""
    )


def _missing(world: World, run: Run | None, head: PullRequest) -> tuple[str, ...]:
    """The target's requirements that the pull request does not meet.

    A head that was pushed after we fetched is looked at by the next run: its plan wakes it.
    """
    if not world.seen.mirror.has(head.head):
        return ("its newest commit was not looked at yet",)
    plans = [] if run is None else [world.ports.records.runs.plan(run.id)]
    return unmet_requirements(world.ports, world.seen, world.target, head, plans)
