"""One resource: from desired, recorded and observed to an action with its reasons. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from gitbot.model.observed import Absent
from gitbot.model.ownership import Whose
from gitbot.model.plan import Drift, DriftKind, PathChange
from gitbot.model.recorded import RecordedResource
from gitbot.model.schema import TypeSchema
from gitbot.model.values import Unknown, Value
from gitbot.reconciler import reasons
from gitbot.reconciler.deciding.adopting import adoption
from gitbot.reconciler.deciding.case import (
    Case,
    Decision,
    beside_paths,
    creation_paths,
    observed_properties,
    paths_of,
)
from gitbot.reconciler.deciding.creating import creation_of
from gitbot.reconciler.deciding.drifting import drift_of
from gitbot.reconciler.deciding.replacing import replacement
from gitbot.reconciler.deciding.updating import update
from gitbot.reconciler.own_tags import is_own_tag
from gitbot.reconciler.pointers import parse
from gitbot.reconciler.problems.changes import say_leaps, say_removal, say_shrinks, say_skips
from gitbot.reconciler.problems.collected import Problems
from gitbot.reconciler.problems.owners import say_anothers
from gitbot.reconciler.rules import rules_of
from gitbot.reconciler.triggers import triggers_of
from gitbot.reconciler.turns import leaps, skips
from gitbot.reconciler.weaker import decided_by

_SWITCHED: Final = {"disabled": 0, "enabled": 1}


def decide(case: Case, problems: Problems) -> Decision:
    """The decision on one desired resource. Adds what is wrong to ``problems`` and decides all the
    same."""
    if case.recorded is not None:
        return _recorded(case, case.recorded, problems)
    if case.resource.lifecycle.import_id is not None:
        return adoption(case, problems)
    return creation_of(case)


def _recorded(case: Case, recorded: RecordedResource, problems: Problems) -> Decision:
    if case.owner is not None and case.owner.whose is Whose.ANOTHERS:
        say_anothers(problems, case.resource, recorded.remote_id, case.owner.name)
    if isinstance(case.observation, Absent):
        gone = Drift(address=case.resource.address, type=recorded.type, kind=DriftKind.DELETED)
        return replace(creation_of(case, (reasons.RECREATED,)), drift=gone)
    if recorded.type != case.schema.name:
        why = (reasons.other_type(recorded.type, case.schema.name),)
        return replacement(case, recorded, creation_paths(case), why, problems)
    observed = observed_properties(recorded, case.observation)
    compared = paths_of(case, recorded.properties, observed)
    paths = beside_paths(case, recorded, case.properties, observed, compared)
    return replace(
        _present(case, recorded, observed, paths, problems),
        drift=drift_of(case, recorded, observed, paths),
    )


def _present(
    case: Case,
    recorded: RecordedResource,
    observed: Mapping[str, Value],
    paths: tuple[PathChange, ...],
    problems: Problems,
) -> Decision:
    rules = rules_of(case.schema)
    meaningless = {
        path.path for path in paths if path.removed and not rules.removable(parse(path.path))
    }
    # A new object simply lacks what was removed, but a removal without a meaning makes no new one.
    others = tuple(path for path in paths if path.path not in meaningless)
    triggers = triggers_of(case.replace_when, recorded.replace_when, case.redactor)
    forced = case.forced or case.goes_with is not None
    if recorded.tainted or forced or triggers or _replaces(case.schema, others):
        tainted = (reasons.TAINTED,) if recorded.tainted else ()
        why = (*tainted, *map(reasons.triggered, triggers))
        why = (*why, *reasons.of_replacement(paths, recorded))
        why = (reasons.FORCED, *why) if case.forced else why
        why = (reasons.goes_with(case.goes_with), *why) if case.goes_with else why
        made = tuple(path for path in paths if not is_own_tag(path.path))  # a new object has them
        found = replacement(case, recorded, made, why, problems)
        change = replace(found.change, triggers=triggers, forced=forced)
        open_ = () if recorded.tainted else decided_by(change)
        return replace(found, change=replace(change, decided_by=open_))
    for path in paths:
        if path.path in meaningless:
            say_removal(problems, case.resource, path)
        elif rules.grows.names(parse(path.path)) and _shrinks(path):
            say_shrinks(problems, case.resource, path)
        elif rules.stepwise.names(parse(path.path)) and skips(path.before, path.after):
            say_skips(problems, case.resource, path)
        elif _leaps(case, path):
            say_leaps(problems, case.resource, path, case.schema.leaps[path.path])
    return update(case, recorded.remote_id, observed, paths)


def _leaps(case: Case, path: PathChange) -> bool:
    """Whether a version gets another first number, and nothing allows that."""
    allowed = case.schema.leaps.get(path.path)
    if allowed is None or isinstance(case.properties.get(allowed), Unknown):
        return False
    return leaps(path.before, path.after) and case.properties.get(allowed) is not True


def _shrinks(path: PathChange) -> bool:
    """Whether a number becomes smaller, a switch is turned off, or a list loses an element."""
    if path.removed and parse(path.path)[-1].isdigit():
        return True
    before, after = map(_size, (path.before, path.after))
    return before is not None and after is not None and after < before


def _size(value: Any) -> int | None:
    """How large a value is, where larger ones are those that it can become; of a text that is no switch, nothing."""
    if isinstance(value, str):
        return _SWITCHED.get(value.lower())
    return value if isinstance(value, int) else None


def _replaces(schema: TypeSchema, paths: tuple[PathChange, ...]) -> bool:
    """Whether the changes replace the object.

    A change that only may force a replacement is tried in place: the cloud refuses what it cannot
    do.
    """
    recreates = rules_of(schema).recreates
    return any(path.forces or (path.may_force and recreates(parse(path.path))) for path in paths)
