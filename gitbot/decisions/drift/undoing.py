"""Tell whether a plan only undoes the drift that an issue shows. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from gitbot.model.drift import Difference, Differs
from gitbot.model.names import Address
from gitbot.model.plan import Action, Cause, Change, Drift, DriftKind, PathChange, Plan
from gitbot.model.values import Unknown, leaves
from gitbot.reconciler.pointers import parse, text_of


def shown_path(change: PathChange) -> str:
    """The path by which an issue shows the change: an element that was added has ``-`` for its
    index, because the others move when one is taken out."""
    steps = parse(change.path)
    if change.removed and steps and steps[-1].isdigit():
        return text_of((*steps[:-1], "-"))
    return change.path


def beyond(plan: Plan, shown: Collection[Difference]) -> tuple[str, ...]:
    """What the plan does that is more than to undo these differences, as clauses in Markdown.

    Empty: it only undoes drift that people were shown. What it sets back must be shown path by
    path; an object may be created again only if it was shown as gone.
    """
    paths = {(one.address, one.path) for one in shown}
    gone = {one.address for one in shown if one.how is Differs.GONE}
    drifted = {one.address: one for one in plan.drift}
    found = [
        *(hit.detail for hit in plan.guards),
        *(f"the output `{one.name}` changes" for one in plan.outputs if not one.moved),
    ]
    for change in plan.changes:
        if change.is_agreed_to:
            found += _beyond(change, drifted.get(change.address), paths, gone)
    return tuple(found)


def _beyond(
    change: Change,
    drift: Drift | None,
    paths: Collection[tuple[Address, str]],
    gone: Collection[Address],
) -> Iterator[str]:
    name = f"`{change.address}`"
    if change.moved_from is not None or change.settings or change.deposed_operation is not None:
        yield f"{name} has changes that are not drift"
    elif change.action is Action.CREATE and drift is not None and drift.kind is DriftKind.DELETED:
        if change.address not in gone:
            yield f"{name} is created again, and the issue does not show that it is gone"
    elif change.action is not Action.UPDATE:
        yield f"{name} is to {_words(change.action)}"
    else:
        yield from _other_paths(name, change, paths, gone)


def _words(action: Action) -> str:
    return {Action.REPLACE: "be replaced", Action.DELETE: "be deleted"}.get(action, action.value)


def _other_paths(
    name: str,
    change: Change,
    paths: Collection[tuple[Address, str]],
    gone: Collection[Address],
) -> Iterator[str]:
    for path in change.paths:
        made = sorted(_references(path) & set(gone))
        if made:
            anew = ", ".join(f"`{one}`" for one in made)
            yield f"{name} gets `{path.path}` from {anew}, which is created again"
        elif path.cause is not Cause.DRIFT:
            yield f"{name} gets `{path.path}` from a change of the spec that was not applied yet"
        elif (change.address, shown_path(path)) not in paths:
            yield f"{name} has drifted at `{path.path}` too, which the issue does not show"


def _references(path: PathChange) -> set[Address]:
    """The resources whose attributes the new value is made of."""
    found = (one for one in leaves([path.after]) if isinstance(one, Unknown))
    return {address for one in found for address in one.references.values()}


def undone(plan: Plan) -> tuple[str, ...]:
    """What the plan sets back, one entry for each path or object, as Markdown."""
    return tuple(
        f"`{change.address}`{f' `{path}`' if path else ''}"
        for change in plan.changes
        if change.does_something
        for path in (_paths(change.paths) or ("",))
    )


def _paths(changes: Sequence[PathChange]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.path for one in changes))
