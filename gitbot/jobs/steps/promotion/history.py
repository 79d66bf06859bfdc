"""Find the commits of the tracked branch that changed a stack. Shell."""

from __future__ import annotations

from dataclasses import dataclass

from gitbot.decisions.promotion.finding import is_broken, renamed_from
from gitbot.jobs.steps.merges import contained
from gitbot.jobs.steps.promotion.world import World, text_at, text_changed
from gitbot.language.files import ROOT
from gitbot.model.names import Sha

MOST_COMMITS = 200
"""How many commits of an environment are looked at. What is older is told as not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The commits that changed a stack, newest first.

    A merge is compared with what the branch was before it: GitHub's base of a pull request does not
    move with the branch. ``whole``: no earlier one is missing.
    """

    commits: tuple[Sha, ...]
    whole: bool


def history_of(world: World, environment: str, stack: str, since: Sha | None) -> History:
    """The commits that changed the stack since that one; without one, or when it is lost, since the
    stack is there. A stack that was renamed is followed."""
    seen, found, name = world.seen, list[Sha](), stack
    start = since if since is not None and contained(seen, since, seen.tip) else None
    line = seen.mirror.line(start, seen.tip, f"{ROOT}/{environment}")
    steps = list(zip((start, *line), line, strict=False))
    for before, commit in steps[: -MOST_COMMITS - 1 : -1]:
        if text_changed(world, before, commit, environment, name):
            found.append(commit)
        now = text_at(world, commit, environment, name)
        if start is not None or before is None or now is None:
            continue
        if text_at(world, before, environment, name) is None:
            name = renamed_from(now) or name
            here = text_at(world, before, environment, name)
            if here is None and not is_broken(seen.mirror.specs(before), now.path):
                return History(commits=tuple(found), whole=True)
    return History(commits=tuple(found), whole=len(line) <= MOST_COMMITS)
