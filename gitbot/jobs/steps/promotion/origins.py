"""Find the pull requests that changed a stack of the source, and who made them. Shell."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from gitbot.decisions.promotion.makers import who_made
from gitbot.jobs.steps.promotion.history import MOST_COMMITS, History, history_of
from gitbot.jobs.steps.promotion.world import World
from gitbot.jobs.steps.proposals import WEB_FLOW
from gitbot.model.forge import CommitOrigin, PullRequest
from gitbot.model.names import Sha
from gitbot.model.promotion import PromotionRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Origins:
    """Who brought what a stack of the source changed since it was promoted last.

    ``pull_requests`` are the newest first, ``pushers`` made what came by no pull request. ``doubt``
    says why somebody else may have made it, too; empty when everybody is known.
    """

    pull_requests: tuple[PullRequest, ...] = ()
    pushers: frozenset[str] = frozenset()
    doubt: str = ""


def origins_of(world: World, row: PromotionRow) -> Origins:
    """Who changed the stack since its base; without a base, since it is there. Where its promotion moves
    the commit of modules, or it is watched for one that does, who changed modules, too."""
    history = history_of(world, world.source.name, row.stack, row.base_commit)
    pulls: dict[int, PullRequest] = {}
    pushers: set[str] = set()
    doubts = [_too_long(world, history)]
    move = world.pin if world.moves(row.stack) or row.watched else None
    if move is not None:
        history = History(
            commits=tuple(dict.fromkeys((*history.commits, *move.commits))),
            whole=history.whole and move.whole,
        )
    for commit in history.commits:
        origin = brought_by(world, commit)
        pulls |= {each.number: each for each in origin.merged}
        if not origin.merged:
            people, doubt = _pushed(world, commit, origin)
            pushers |= people
            doubts.append(doubt)
    return Origins(
        pull_requests=tuple(pulls.values()),
        pushers=frozenset(pushers),
        doubt=next(filter(None, doubts), ""),
    )


def brought_by(world: World, commit: Sha) -> CommitOrigin:
    """How the commit came to the tracked branch, each asked once."""
    if commit not in world.origins:
        world.origins[commit] = world.seen.forge.origin(commit)
    return world.origins[commit]


def _too_long(world: World, history: History) -> str:
    if history.whole:
        return ""
    return f"more than {MOST_COMMITS} commits changed {world.source.name} since then"


def _pushed(world: World, commit: Sha, origin: CommitOrigin) -> tuple[frozenset[str], str]:
    """Who made a commit that no pull request brought, and why that may not be everybody."""
    heard = world.ports.records.pull_requests.pushers(world.seen.repository.id, {commit})
    known = heard.get(commit, frozenset())
    doubt = ""
    if origin.joins:
        doubt = f"the merge {commit[:8]} was pushed, and its pull request is not known"
    elif not known:
        doubt = f"the commit {commit[:8]} was pushed, and gitbot has not heard by whom"
    return (known | world.seen.forge.authors(commit)) - {WEB_FLOW}, doubt


def makers_of(world: World, origins: Iterable[Origins]) -> tuple[dict[str, str], str]:
    """Everybody who opened, pushed, wrote or committed it, and what they did; and why that may not be
    everybody.

    Of gitbot's own pull requests it is also whoever asked for them, such as with ``/drift adopt``, and
    of a promotion the authors of what it promoted. gitbot itself is not named.
    """
    every = tuple(origins)
    parts: list[tuple[Collection[str], str]] = [(each.pushers, "pushed it") for each in every]
    doubts = [each.doubt for each in every]
    pulls = {one.number: one for each in every for one in each.pull_requests}
    repository, records = world.seen.repository.id, world.ports.records
    for number, each in sorted(pulls.items()):
        written = world.seen.forge.committers(number)
        pushers = records.pull_requests.pushers(repository, {*written, each.head})
        # Those of gitbot's own count as pushers, too, and did not push.
        makers = records.proposals.makers(repository, number)
        parts += [
            ({each.author}, f"opened #{number}"),
            (frozenset().union(*written.values()), f"committed to #{number}"),
            (frozenset().union(*pushers.values()) - makers, f"pushed to #{number}"),
            (makers, f"made or commanded #{number}"),
        ]
        if each.head not in pushers:
            doubts.append(f"gitbot has not heard who pushed the newest commit of #{number}")
    nobody = {world.seen.forge.login, WEB_FLOW}
    people = [({*some} - nobody, what) for some, what in parts]
    return who_made(people), next(filter(None, doubts), "")
