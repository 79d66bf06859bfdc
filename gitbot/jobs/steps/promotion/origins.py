"""Find the pull requests that changed a stack of the source, and who made them. Shell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gitbot.jobs.steps.merges import contained, merge_of
from gitbot.jobs.steps.promotion.world import World, text_at
from gitbot.model.forge import PullRequest
from gitbot.model.names import Sha

_MOST = 30


def origins_of(
    world: World, merged: Iterable[PullRequest], stacks: Mapping[str, Sha | None]
) -> dict[str, tuple[PullRequest, ...]]:
    """The merged pull requests that changed each stack since its base, newest first.

    Without a base it is only the newest one. ``merged`` are those that the tip contains, newest
    first; those of the last fourteen days are looked at.
    """
    found: dict[str, list[PullRequest]] = {stack: [] for stack in stacks}
    bases = set(stacks.values())
    for each in list(merged)[:_MOST]:
        commit = merge_of(each)
        known = {base for base in bases if contained(world.seen, commit, base)}
        open_ = [
            stack
            for stack, base in stacks.items()
            if base not in known and not (base is None and found[stack])
        ]
        if not open_:
            continue
        for stack in open_:
            if _changed(world, each, commit, stack):
                found[stack].append(each)
    return {stack: tuple(each) for stack, each in found.items()}


def _changed(world: World, merged: PullRequest, commit: Sha, stack: str) -> bool:
    before = text_at(world, merged.base, world.source.name, stack)
    after = text_at(world, commit, world.source.name, stack)
    texts = [one.alone if one is not None else None for one in (before, after)]
    return texts[0] != texts[1]


def authors_of(world: World, origins: Iterable[PullRequest]) -> tuple[str, ...]:
    """Everybody who opened, pushed, wrote or committed these pull requests, sorted.

    Of gitbot's own ones it is also whoever asked for it, such as with ``/drift adopt``, and of a
    promotion the authors of what it promoted. gitbot itself is not named.
    """
    found: set[str] = set()
    repository, records = world.seen.repository.id, world.ports.records
    for each in origins:
        found.add(each.author)
        written = world.seen.forge.committers(each.number)
        pushers = records.pull_requests.pushers(repository, {*written, each.head})
        found.update(*written.values(), *pushers.values())
        found.update(records.proposals.makers(repository, each.number))
    return tuple(sorted(found - {world.seen.forge.login}))
