"""An object that is there already, and that a spec takes over. Pure."""

from __future__ import annotations

from dataclasses import replace

from gitbot.model.names import RemoteId
from gitbot.model.observed import Absent, Present
from gitbot.model.ownership import Whose
from gitbot.model.plan import Action, PathChange
from gitbot.model.values import Redacted, Redactor, is_sensitive
from gitbot.reconciler.deciding.case import Case, Decision, change_of, creation_paths, paths_of
from gitbot.reconciler.deciding.updating import update
from gitbot.reconciler.named_by import named_by
from gitbot.reconciler.problems.collected import Problems
from gitbot.reconciler.problems.owners import say_anothers, say_import_absent, say_import_differs

_OUR_OWN = "Its tags, or those of what it is part of, say that it is this stack's own."
_NOT_OURS_YET = (
    "gitbot did not make it, so the plan does not show what it has now, only that it differs."
)


def adoption(case: Case, problems: Problems) -> Decision:
    """The object of this identifier becomes the resource's. Adds a problem where it is not there, is
    another stack's, or differs in what cannot be changed."""
    import_id = RemoteId(case.resource.lifecycle.import_id or "")
    if isinstance(case.observation, Absent):
        say_import_absent(problems, case.resource)
    if not isinstance(case.observation, Present):
        change = change_of(case, Action.ADOPT, creation_paths(case), (_adopted(import_id),))
        return Decision(change=replace(change, remote_id=import_id), attributes=case.properties)
    theirs = case.owner is not None and case.owner.whose is Whose.ANOTHERS
    if case.owner is not None and theirs and not case.owner.let_go:
        say_anothers(problems, case.resource, case.observation.remote_id, case.owner.name)
    observed = case.observation.properties
    paths = paths_of(case, None, observed)
    forcing = [path for path in paths if path.forces]
    if forcing:
        say_import_differs(problems, case.resource, forcing)
    updated = update(case, case.observation.remote_id, observed, paths)
    why = (_adopted(import_id), *updated.change.reasons)
    adopted = replace(updated.change, action=Action.ADOPT, reasons=why)
    if case.owner is not None and case.owner.whose is Whose.OURS:
        return replace(updated, change=replace(adopted, reasons=(*why, _OUR_OWN)))
    return Decision(
        change=replace(
            adopted,
            takes_over=True,
            paths=tuple(_without_theirs(path, case.redactor) for path in paths),
            reasons=(
                *why,
                _let_go(case.owner.name) if case.owner and theirs else _NOT_OURS_YET,
            ),
        ),
        attributes={**named_by(import_id, case.properties, observed), **case.properties},
        exists=True,
    )


def _adopted(import_id: str) -> str:
    return f"The existing object {import_id} is taken over."


def _let_go(owner: str) -> str:
    return f"It was made by {owner}, whose state does not have it any more. The plan shows only that it differs."


def _without_theirs(path: PathChange, redactor: Redactor) -> PathChange:
    """The change without the value that an object has which is not ours.

    A removed list element keeps its keyed hash: that is what the digest knows it by.
    """
    if path.added or path.before is None:
        return path
    element = path.removed and path.after is None and not is_sensitive(path.before)
    return replace(path, before=redactor(path.before) if element else HIDDEN)


HIDDEN = Redacted(digest="", key_id="")
"""In place of a value that is never shown, not even as a hash."""
