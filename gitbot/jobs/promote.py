"""The job that brings an environment what was applied and verified in the one before it. Shell."""

from __future__ import annotations

from functools import partial

from gitbot.errors import MissingRightError, RefusedError, StaleError, UserError
from gitbot.jobs.steps.look import Look, Ports, look
from gitbot.jobs.steps.promotion.bringing import bringing
from gitbot.jobs.steps.promotion.ends import follow_ends
from gitbot.jobs.steps.promotion.gates import settle_gates
from gitbot.jobs.steps.promotion.pending import Pending, gone_stale, pending, unapplied
from gitbot.jobs.steps.promotion.pull_requests import close, keep
from gitbot.jobs.steps.promotion.told import tell_other, tell_others_commits
from gitbot.jobs.steps.promotion.world import World, read_world
from gitbot.jobs.steps.schedules import reschedule
from gitbot.jobs.steps.telling import Telling
from gitbot.model.forge import PullRequest
from gitbot.model.keys import Promote
from gitbot.model.promotion import How
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
    world = read_world(ports, seen, target) if target is not None else None
    telling = Telling()
    if world is not None and world.rules.how is not How.OFF:
        _promote(world, telling)
    reschedule(ports, seen, works=(Work.PROMOTION,))
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
    open_ = follow_ends(world)
    everyone = world.seen.forge.open_pull_requests()
    waiting = pending(world, everyone)
    for group in waiting:
        what = f"the promotion of {', '.join(row.stack for row in group.rows)}"
        telling.say(what, partial(_bring, world, group, open_, telling))
    for number, rows in gone_stale(world, open_, waiting).items():
        telling.say(f"the end of #{number}", partial(close, world, open_[number], rows))
    for number in unapplied(world, open_):
        settle = partial(settle_gates, world, number, other=None)
        telling.say(f"the gates of #{number}", settle)


def _bring(world: World, group: Pending, open_: dict[int, PullRequest], telling: Telling) -> None:
    numbers = {row.live.number for row in group.rows if row.live is not None}
    known = next((open_[number] for number in sorted(numbers) if number in open_), None)
    if group.other is not None and known is None:
        stacks = [row.stack for row in group.rows]
        telling.say(
            f"the word on #{group.other.number}", partial(tell_other, world, group.other, stacks)
        )
        return
    if group.held and known is None:
        return
    new = bringing(world, group.rows, group.part)
    try:
        found = keep(world, new, known)
    except RefusedError as error:
        former = next((row.former for row in group.rows if row.former is not None), None)
        number = known.number if known is not None else former
        if number is None:
            raise
        tell = partial(tell_others_commits, world, number, str(error))
        telling.say(f"the word about the commits of others on #{number}", tell)
        if known is None:
            return
        found = known
    settle_gates(world, found.number, other=group.other)
