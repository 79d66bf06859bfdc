"""Show which gates of a promotion are open, and merge it where the rules say so. Shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeAlias

from gitbot.decisions.promotion.gates import (
    GateFacts,
    all_open,
    gates,
    needs_person,
    wakes_at,
    why_waits,
)
from gitbot.decisions.promotion.instances import names_of, window_of
from gitbot.decisions.promotion.life import changes_nothing
from gitbot.decisions.promotion.merge_gate import Blocked, refused
from gitbot.decisions.promotion.soak import looks_every
from gitbot.errors import LeaseUnavailableError, RefusedError
from gitbot.jobs.steps.obstacles import may_now, read_obstacles
from gitbot.jobs.steps.promotion.beside_gates import beside_gates
from gitbot.jobs.steps.promotion.health import drift_words
from gitbot.jobs.steps.promotion.merges import blocked_by, merge
from gitbot.jobs.steps.promotion.people import ask_people
from gitbot.jobs.steps.promotion.pull_requests import is_decided
from gitbot.jobs.steps.promotion.shown import lacks, shown_plan, unplanned
from gitbot.jobs.steps.promotion.world import World
from gitbot.jobs.steps.proposal import propose
from gitbot.jobs.steps.publish import set_checks
from gitbot.model.forge import PullRequest
from gitbot.model.freeze import Act, Verdict
from gitbot.model.promotion import GateState, How, Part, PromotionRow, Soak
from gitbot.model.runs import Run
from gitbot.render.promotion_gates import gates_block, promotion_check, with_gates

Shown: TypeAlias = Sequence[tuple[str, Sequence[GateState]]]
"""The gates of each stack."""


def settle_gates(world: World, number: int, *, other: PullRequest | None) -> None:
    """Set the check ``gitbot/promotion`` on the head, record when the gates are looked at again, and
    merge where all are open and the target's rules want it.

    The rows are those whose open pull request has this number.
    """
    head = world.seen.forge.pull_request(number)
    if not head.open:
        return
    _note_head(world, head)
    rows = _rows(world, number)
    merges = _merges(world, rows)
    blocked = blocked_by(world, head, merges=merges, waited=_waited(world, rows))
    shown = _say(world, head, other, blocked)
    if merges and _is_open(shown):
        _refuse_busy(world, rows)
        try:
            merge(world, head)
        except RefusedError as error:
            shown = _say(world, head, other, refused(str(error)))
    text = with_gates(head.body, gates_block(shown))
    if text != head.body:
        world.seen.forge.edit_pull_request(number, body=text)
    if needs_person([state for _, some in shown for state in some], merges=merges):
        ask_people(world, head)


def _is_open(shown: Shown) -> bool:
    return all(all_open(some) for _, some in shown)


def _refuse_busy(world: World, rows: Sequence[PromotionRow]) -> None:
    """Return when nobody changes the target now: what an apply under way began is ended first.

    It is no gate: applies come and go, and the queue tries again in seconds.

    Raises:
        LeaseUnavailableError: somebody does.
    """
    for row in rows:
        stack = world.seen.stack_id(world.target, row.stack)
        found = read_obstacles(world.ports, world.seen, world.target, stack, Act.PROMOTE)
        if found.lease:
            raise LeaseUnavailableError(
                f"{found.lease} changes {world.target.name} now", retry_after_s=1.0
            )


def _note_head(world: World, head: PullRequest) -> None:
    """Record since when the newest commit is known: what does not come for it is late some time."""
    now = world.ports.engine.calendar.now()
    for row in _rows(world, head.number):
        if row.live is not None and row.live.head != head.head:
            world.put(replace(row, live=replace(row.live, head=head.head, head_since=now)))


def _waited(world: World, rows: Sequence[PromotionRow]) -> timedelta:
    now = world.ports.engine.calendar.now()
    since = [row.live.head_since for row in rows if row.live and row.live.head_since]
    return now - min(since, default=now)


def _say(world: World, head: PullRequest, other: PullRequest | None, blocked: Blocked) -> Shown:
    """The gates of all stacks; the check says them, and the rows when to look again."""
    now = world.ports.engine.calendar.now()
    states: list[tuple[str, Sequence[GateState]]] = []
    others = beside_gates(world, head, _rows(world, head.number), blocked, now)
    left = [state for _, some in others for state in some]
    for row in _rows(world, head.number):
        some = gates(_facts(world, row, head, other, blocked, now), now)
        states.append((row.stack, some))
        what = f"the promotion of {world.source.name}/{row.stack} to {world.target.name}"
        # What changes by modules alone has no row of its own: the first one wakes for it, too.
        every, left = (*some, *left), []
        words = f"{what}: {why_waits(every, now)}"
        world.put(replace(row, wake_at=wakes_at(every, now), why=words))
    states += others
    set_checks(world.ports, world.seen, head.head, [promotion_check(states)], "")
    return states


def _merges(world: World, rows: Sequence[PromotionRow]) -> bool:
    """Whether gitbot merges it by itself: never deletions, and never what a person must decide."""
    return world.rules.how is How.MERGE and all(
        row.live is not None and row.live.part is Part.CHANGES and not row.live.reasons
        for row in rows
    )


def _rows(world: World, number: int) -> Sequence[PromotionRow]:
    """The rows whose open pull request this is, as they are recorded now, by stack."""
    found = (row for row in world.rows.values() if row.live and row.live.number == number)
    return sorted(found, key=lambda row: row.stack)


def _facts(
    world: World,
    row: PromotionRow,
    head: PullRequest,
    other: PullRequest | None,
    blocked: Blocked,
    now: datetime,
) -> GateFacts:
    asks = 0 if row.live is None or is_decided(world, head) else len(row.live.reasons)
    runs = _shown(world, row, head)
    unmet, missing = lacks(world, runs.values(), head)
    return GateFacts(
        source=world.source.name,
        unapplied=world.waits.get(row.stack, ""),
        soak=row.soak if row.stack in world.sources else _gone(world, now),
        needs=world.rules.soak,
        every=looks_every(world.source.drift),
        drifted=drift_words(world, row.stack),
        undecided=f"what the text of #{head.number} lists ({asks}): commit what is right to its branch, or "
        "mark it as ready (where there are no drafts: take the label away) to keep it as it is"
        if asks
        else "",
        hold=row.hold,
        window=_window(world, row),
        others=f"#{other.number} of {other.author} changes it in {world.target.name}"
        if other is not None
        else "",
        unplanned=_unplanned_of(world, row, head, runs),
        missing=missing,
        unmet=unmet,
        blocked=blocked,
        waived_by=row.waived_by if row.waived and row.waived == row.soak.hash else "",
    )


def _gone(world: World, now: datetime) -> Soak:
    """The soak of a stack that the source has no more: there is nothing to wait for."""
    return Soak(verified_at=now, counted=world.rules.soak, counted_at=now)


def _targets(row: PromotionRow) -> tuple[str, ...]:
    """The stacks of the target that the row is about: one for each region, before and after it."""
    live = row.live
    return names_of(row.stack, live.before, live.after) if live is not None else (row.stack,)


def _window(world: World, row: PromotionRow) -> Verdict:
    """Whether every instance in the target may be promoted to now."""
    stacks = [world.seen.stack_id(world.target, name) for name in _targets(row)]
    return window_of(
        {
            stack.label: may_now(world.ports, world.seen, world.target, stack, Act.PROMOTE)
            for stack in stacks
        }
    )


def _shown(world: World, row: PromotionRow, head: PullRequest) -> Mapping[str, Run | None]:
    """The plan of each instance of the target's stack that the pull request shows for its head."""
    return {name: shown_plan(world, name, head) for name in _targets(row)}


def _unplanned_of(
    world: World, row: PromotionRow, head: PullRequest, runs: Mapping[str, Run | None]
) -> str:
    """What of the plans of the stack is not shown yet."""
    if row.live is None or changes_nothing(row.live):
        return ""
    missing = [name for name, run in runs.items() if run is None]
    if missing and not _are_untouched(world, head, missing):
        return (
            "it is not shown yet"
            if len(runs) == 1
            else f"not shown yet: {', '.join(f'`{name}`' for name in missing)}"
        )
    whys = (unplanned(world, run) for run in runs.values() if run is not None)
    return next(filter(None, whys), "")


def _are_untouched(world: World, head: PullRequest, stacks: Sequence[str]) -> bool:
    """Whether the pull request leaves these stacks of the target as they are, so that there are no
    plans of them: new modules need not change a stack, nor a new value that of every region."""
    if not world.seen.mirror.has(head.head):
        return False
    proposal = propose(world.ports, world.seen, head)
    target = world.target.name
    return (
        proposal is not None
        and not proposal.merged.errors(target)
        and not set(stacks) & set(proposal.affected(target))
    )
