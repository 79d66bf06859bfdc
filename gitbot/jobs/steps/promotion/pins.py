"""Find whether the target of a promotion takes its modules from a commit that is behind. Shell."""

from __future__ import annotations

from gitbot.decisions.promotion.pins import behind
from gitbot.jobs.steps.look import Look
from gitbot.language.files import CALENDARS, MODULES, TEMPLATES
from gitbot.model.desired import Environment
from gitbot.model.names import Sha
from gitbot.model.pins import PinMove

_FOLDERS = (MODULES, TEMPLATES, CALENDARS)
MOST_COMMITS = 200


def pin_move(
    seen: Look, source: Environment, target: Environment, promotable: tuple[str, ...]
) -> PinMove | None:
    """The move of the target's line ``modules:`` that its source asks for; None for none.

    A target without the line gets one as soon as a promoted stack uses a module of the repository.
    Stacks that use nothing of what differs ask for nothing: newer commits alone move no line.
    """
    before = target.modules
    stacks = seen.wanted(source.name).stacks
    used = behind(seen.tree, source, target, stacks, promotable)
    if not used:
        return None
    commits = _commits(seen, before, source.modules or seen.tip)
    to = Sha(source.modules) if source.modules else next(iter(commits), seen.tip)
    if before is not None and seen.mirror.contains(to, Sha(before)):
        return None
    return PinMove(
        before=before,
        after=to,
        changed=tuple(sorted(frozenset[str]().union(*used.values()))),
        stacks=frozenset(used),
        commits=commits[:MOST_COMMITS],
        whole=len(commits) <= MOST_COMMITS,
    )


def _commits(seen: Look, since: str | None, until: str) -> tuple[Sha, ...]:
    """The commits of the branch that changed modules or calendars on the way, the newest first."""
    start = Sha(since) if since is not None else None
    lines = [seen.mirror.line(start, Sha(until), folder) for folder in _FOLDERS]
    found = frozenset[Sha]().union(*lines)
    every = seen.mirror.line(start, Sha(until)) if found else ()
    return tuple(one for one in reversed(every) if one in found)
