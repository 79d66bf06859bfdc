"""The job that brings an environment what was applied and verified in the one before it. Shell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from gitbot.decisions.promotion.acts import Group, acts
from gitbot.errors import (
    MissingRightError,
    OthersCommitsError,
    StaleError,
    TransientError,
    UserError,
)
from gitbot.jobs.steps.look import Look, Ports, look
from gitbot.jobs.steps.promotion.bringing import bringing
from gitbot.jobs.steps.promotion.ends import follow_ends
from gitbot.jobs.steps.promotion.gates import settle_gates
from gitbot.jobs.steps.promotion.origins import origins_of
from gitbot.jobs.steps.promotion.others import others_of
from gitbot.jobs.steps.promotion.pending import pending
from gitbot.jobs.steps.promotion.pull_requests import close, keep, leave
from gitbot.jobs.steps.promotion.switched_off import end_promotions, wait_for_source
from gitbot.jobs.steps.promotion.told import tell_other, tell_others_commits, tell_unwritten
from gitbot.jobs.steps.promotion.world import World, read_world
from gitbot.jobs.steps.schedules import reschedule
from gitbot.jobs.steps.telling import Telling
from gitbot.language.editing.pieces import EditError
from gitbot.model.forge import PullRequest
from gitbot.model.keys import Promote
from gitbot.model.promotion import How, PromotionRow
from gitbot.model.time import Work


def promote(ports: Ports, key: Promote) -> None:
    """Make the pull requests of promotions into the environment as the tip and the rows want them.

    Safe to run twice, late or after a crash: it reads everything again. A pull request that somebody
    else has committed to is left alone.

    Raises:
        UserError: something was refused for good; the tip's check says what. All else is done.
        StaleError: something has moved meanwhile.
        TransientError: something must be done again.
    """
    known = ports.records.promotions.of_target(key.environment_key)
    numbers = sorted({row.live.number for row in known if row.live is not None})
    forge = ports.forges.open(key.repository)
    open_ = [each.number for each in forge.open_pull_requests() if not each.from_fork]
    seen = look(ports, key.repository, *sorted({*numbers, *open_}))
    target = seen.at_tip.environments.get(key.environment)
    telling = Telling()
    rules = target.promotes_from if target is not None else None
    if target is None or rules is None or rules.how is How.OFF:
        end_promotions(ports, seen, key.environment, known, telling)
    elif rules.source not in seen.at_tip.environments:
        wait_for_source(ports, seen, known, rules.source)
    else:
        _promote(read_world(ports, seen, target), telling)
    reschedule(ports, seen, works=(Work.PROMOTION,), environment=key.environment)
    telling.end()
    _tell_refused(seen, telling)


def _tell_refused(seen: Look, telling: Telling) -> None:
    """Return when nothing was refused, or what was is told already: the check ``gitbot/rights`` says
    which rights of the App are missing."""
    told = MissingRightError if seen.forge.missing_rights() else ()
    refused = [(what, error) for what, error in telling.refused if not isinstance(error, told)]
    if refused:
        text = "; ".join(f"{what} failed: {error}" for what, error in refused)
        stale = any(isinstance(error, StaleError) for _, error in refused)
        raise StaleError(text) if stale else UserError(text)


def _promote(world: World, telling: Telling) -> None:
    for row in [row for row in world.rows.values() if row.source != world.source.name]:
        _change_source(world, row)
    ends = follow_ends(world)
    everyone = world.seen.forge.open_pull_requests()
    edge = pending(world, ends, everyone)
    todo = acts(edge)
    known = {**{each.number: each for each in everyone}, **ends.open}
    for number, why in todo.closes.items():
        telling.say(f"the end of #{number}", partial(close, world, number, why))
    for stack in todo.leaves:
        leave(world, world.rows[stack])
    for group in todo.brings:
        bring = partial(_bring, world, group, known, telling)
        telling.say(f"the promotion of {', '.join(group.stacks)}", bring)
    for number in todo.waits:
        settle = partial(settle_gates, world, number, other=None)
        telling.say(f"the gates of #{number}", settle)
    for stack, standing in edge.standings.items():
        if standing.told:
            tell = partial(_tell_unwritten, world, stack, standing.why)
            telling.say(f"what cannot be written of {stack}", tell)
    for number in ends.landing:
        telling.say(f"the end of #{number}", partial(_wait_for_merge, number))


def _wait_for_merge(number: int) -> None:
    raise TransientError(f"the merge of #{number} was not fetched yet", retry_after_s=5)


def _change_source(world: World, row: PromotionRow) -> None:
    """Start again with the source that the target is promoted from now. A hold stays."""
    if row.live is not None:
        close(
            world, row.live.number, f"{world.target.name} is promoted from {world.source.name} now"
        )
    known = world.rows.pop(row.stack)
    if row.watched:
        world.put(replace(row, source=world.source.name))
        return
    fresh = PromotionRow(target=world.key, stack=row.stack, source=world.source.name)
    if row.stack in world.sources:
        fresh = world.row(row.stack)
    world.put(replace(fresh, hold=known.hold, version=known.version))


def _bring(
    world: World,
    group: Group,
    open_: Mapping[int, PullRequest],
    telling: Telling,
) -> None:
    """Open or update the pull request of the group, and settle its gates."""
    known = open_.get(group.number) if group.number is not None else None
    others = (others_of(world, tuple(open_.values()), one) for one in group.stacks)
    other = next(filter(None, others), None)
    if other is not None and known is None:
        word = partial(tell_other, world, other, group.stacks)
        telling.say(f"the word on #{other.number}", word)
        return
    rows = [world.rows[stack] for stack in group.stacks]
    try:
        found = keep(world, bringing(world, rows, group.part), group.branch, known)
    except EditError as error:
        _tell_unwritten(world, group.stacks[0], str(error))
        if known is None:
            return
        found = known
    except OthersCommitsError:
        if known is None:
            raise
        tell = partial(tell_others_commits, world, known)
        telling.say(f"the word about the commits of others on #{known.number}", tell)
        found = known
    settle_gates(world, found.number, other=other)


def _tell_unwritten(world: World, stack: str, why: str) -> None:
    row = world.rows[stack]
    newest = next(iter(origins_of(world, row).pull_requests), None)
    origin = newest.number if newest is not None else None
    tell_unwritten(world, row, row.live.number if row.live is not None else origin, why)
