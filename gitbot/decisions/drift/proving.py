"""Tell what an adoption leaves to do that it should not. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gitbot.decisions.drift.adopting import Left
from gitbot.decisions.drift.undoing import shown_path
from gitbot.model.drift import IgnoreRule
from gitbot.model.names import Address
from gitbot.model.plan import Action, Cause, Change, Drift, Plan
from gitbot.reconciler.pointers import parse, reaches

WRITTEN_BADLY = (
    "what was written does not make the spec equal to the cloud, so it was taken out again: change "
    "it by hand"
)


def not_applied(plan: Plan) -> tuple[str, ...]:
    """What the tip wants of the stack and was not applied yet, as clauses in Markdown.

    Adopting on top of it would mix a change that waits with what somebody did in the cloud.
    """
    gone = {one.address for one in plan.drift}
    found = []
    for change in plan.changes:
        if any(path.cause is Cause.CHANGE for path in change.paths) and change.address not in gone:
            found.append(f"`{change.address}` waits to be changed")
        elif change.action not in (Action.NOOP, Action.UPDATE) and change.address not in gone:
            found.append(f"`{change.address}` waits ({change.action.value})")
    return tuple(found)


def not_ignored(drift: Sequence[Drift], rules: Sequence[IgnoreRule]) -> Iterator[Drift]:
    """The drift without the paths that the entries name, which count for the stack now."""
    for one in drift:
        patterns = [parse(rule.path) for rule in rules if rule.resource == one.address]
        paths = tuple(
            path
            for path in one.paths
            if not any(reaches(pattern, parse(path.path)) for pattern in patterns)
        )
        if paths or not one.paths:
            yield Drift(address=one.address, type=one.type, kind=one.kind, paths=paths)


def unproven(plan: Plan, left: Sequence[Left]) -> frozenset[Address]:
    """The resources that the plan of the new specs would still change.

    What is ``left`` for a person may remain; then only these paths of the resource.
    """
    known = {(one.address, one.path) for one in left}
    return frozenset(
        change.address for change in plan.changes if change.is_agreed_to and _more(change, known)
    )


def _more(change: Change, known: set[tuple[Address, str]]) -> bool:
    if change.settings or change.moved_from is not None:
        return True
    if change.action is not Action.UPDATE:
        return (change.address, "") not in known
    return any((change.address, shown_path(path)) not in known for path in change.paths)
