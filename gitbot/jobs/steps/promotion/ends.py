"""Record what became of the pull requests of promotions: merged, closed or reverted. Shell."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

from gitbot.decisions.promotion.finding import target_of
from gitbot.decisions.promotion.life import closed, merged, resumed, reverted
from gitbot.jobs.steps.merges import contained, merge_of
from gitbot.jobs.steps.promotion.history import history_of
from gitbot.jobs.steps.promotion.origins import brought_by
from gitbot.jobs.steps.promotion.told import tell_held
from gitbot.jobs.steps.promotion.world import World
from gitbot.model.forge import CommitOrigin, PullRequest
from gitbot.model.promotion import Hold, PromotionRow

LANDING = timedelta(minutes=10)
"""How long after its merge a pull request is waited for to be in the tracked branch."""


@dataclass(slots=True, kw_only=True)
class Ends:
    """The pull requests of the rows that are open, and those whose merge was not fetched yet."""

    open: dict[int, PullRequest] = field(default_factory=dict)
    landing: set[int] = field(default_factory=set)


def follow_ends(world: World) -> Ends:
    """Bring the rows up to what happened to their pull requests."""
    ends, seen = Ends(), dict[int, PullRequest]()
    for row in list(world.rows.values()):
        live = row.live
        if live is None:
            _look_again(world, row)
            continue
        if live.number not in seen:
            seen[live.number] = world.seen.forge.pull_request(live.number)
        found = seen[live.number]
        if found.open:
            ends.open[found.number] = found
            _look_for_revert(world, row)
        elif not found.merged:
            _close(world, row, f"#{found.number} was closed without a merge")
        elif contained(world.seen, merge_of(found), world.seen.tip):
            world.put(merged(row, merge_of(found)))
        elif _is_landing(world, found):
            ends.landing.add(found.number)
        else:
            branch = world.seen.repository.tracked_branch
            _close(world, row, f"#{found.number} was merged, and `{branch}` does not have it")
    return ends


def _is_landing(world: World, found: PullRequest) -> bool:
    """Whether the tracked branch is still to be fetched with the merge."""
    if found.base_ref != world.seen.repository.tracked_branch or found.merged_at is None:
        return False
    return world.ports.forges.now() - found.merged_at < LANDING


def _close(world: World, row: PromotionRow, reason: str) -> None:
    """Hold the promotion, unless gitbot closed it, which says why on it."""
    if row.live is None:
        return
    actor = world.seen.forge.closer(row.live.number) or "somebody"
    if actor.lower() == world.seen.forge.login.lower():
        world.put(replace(row, live=None, wake_at=None))
        return
    held = closed(row, actor, reason, world.ports.engine.calendar.now())
    tell_held(world, held, row.live.number)
    world.put(held)


def _look_again(world: World, row: PromotionRow) -> None:
    """Look whether somebody opened a closed pull request again, or reverted a merged one."""
    if row.hold is None:
        _look_for_revert(world, row)
        return
    former = world.seen.forge.pull_request(row.former) if row.former is not None else None
    if former is not None and former.open:
        world.put(resumed(row))


def _look_for_revert(world: World, row: PromotionRow) -> None:
    """Hold the promotion where the target has again what it had before the last one."""
    last = row.merged
    if last is None or row.hold is not None:
        return
    source = world.sources.get(row.stack)
    ours = target_of(row.stack, source, world.targets) if source else world.targets.get(row.stack)
    text = ours.alone if ours is not None else ""
    if not reverted(last, text, world.target.modules or ""):
        return
    by = _reverter(world, row)
    what = f"#{last.number}"
    actor, reason = (
        (by.author, f"#{by.number} reverted {what}") if by else ("a push", f"it reverted {what}")
    )
    hold = Hold(actor=actor, reason=reason, at=world.ports.engine.calendar.now())
    held = replace(row, hold=hold)
    for number in {last.number, row.live.number if row.live is not None else last.number}:
        tell_held(world, held, number)
    world.put(held)


def _reverter(world: World, row: PromotionRow) -> PullRequest | None:
    """The merged pull request that changed the stack in the target last; None for a push."""
    since = row.merged.base_commit if row.merged is not None else None
    history = history_of(world, world.target.name, row.stack, since)
    newest = next(iter(history.commits), None)
    origin = brought_by(world, newest) if newest is not None else CommitOrigin()
    return next(iter(origin.merged), None)
