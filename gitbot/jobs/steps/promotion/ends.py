"""Record what became of the pull requests of promotions: merged, closed or reverted. Shell."""

from __future__ import annotations

from dataclasses import replace

from gitbot.decisions.promotion.finding import target_of
from gitbot.decisions.promotion.life import closed, merged, resumed, reverted
from gitbot.jobs.steps.merges import contained, merge_of
from gitbot.jobs.steps.promotion.history import history_of
from gitbot.jobs.steps.promotion.origins import brought_by
from gitbot.jobs.steps.promotion.world import World
from gitbot.model.forge import CommitOrigin, PullRequest
from gitbot.model.promotion import Hold, PromotionRow


def follow_ends(world: World) -> dict[int, PullRequest]:
    """Bring the rows up to what happened to their pull requests; returns those that are open."""
    open_: dict[int, PullRequest] = {}
    seen: dict[int, PullRequest] = {}
    for row in list(world.rows.values()):
        live = row.live
        if live is None:
            _look_again(world, row)
            continue
        if live.number not in seen:
            seen[live.number] = world.seen.forge.pull_request(live.number)
        found = seen[live.number]
        if found.open:
            open_[found.number] = found
        elif found.merged and contained(world.seen, merge_of(found), world.seen.tip):
            world.put(merged(row, merge_of(found)))
        elif not found.merged:
            world.put(_closed(world, row, found.number))
    return open_


def _closed(world: World, row: PromotionRow, number: int) -> PromotionRow:
    """The row after a close without a merge: a hold, unless we closed it because nothing was left."""
    actor = world.seen.forge.closer(number) or "somebody"
    if actor.lower() == world.seen.forge.login.lower():
        return replace(row, live=None, wake_at=None)
    return closed(row, actor, world.ports.engine.calendar.now())


def _look_again(world: World, row: PromotionRow) -> None:
    """Look whether somebody opened a closed pull request again, or reverted a merged one."""
    if row.hold is not None:
        former = world.seen.forge.pull_request(row.former) if row.former is not None else None
        if former is not None and former.open:
            world.put(resumed(row))
        return
    last = row.merged
    if last is None:
        return
    source = world.sources.get(row.stack)
    ours = target_of(row.stack, source, world.targets) if source else world.targets.get(row.stack)
    if not reverted(last, ours.alone if ours is not None else ""):
        return
    by = _reverter(world, row)
    actor, reason = (
        (by.author, f"#{by.number} reverted it") if by else ("a push", "it was reverted")
    )
    hold = Hold(actor=actor, reason=reason, at=world.ports.engine.calendar.now())
    world.put(replace(row, hold=hold))


def _reverter(world: World, row: PromotionRow) -> PullRequest | None:
    """The merged pull request that changed the stack in the target last; None for a push."""
    since = row.merged.base_commit if row.merged is not None else None
    history = history_of(world, world.target.name, row.stack, since)
    newest = next(iter(history.commits), None)
    origin = brought_by(world, newest) if newest is not None else CommitOrigin()
    return next(iter(origin.merged), None)
