"""How a recorded object has drifted. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.model.observed import Present
from gitbot.model.plan import Cause, Drift, DriftKind, PathChange
from gitbot.model.recorded import RecordedResource
from gitbot.reconciler.compare import compare
from gitbot.reconciler.deciding.case import Case, beside_paths, ignored


def drift_of(
    case: Case,
    recorded: RecordedResource,
    observed: Mapping[str, Any],
    paths: tuple[PathChange, ...],
) -> Drift | None:
    """How observed differs from recorded, whatever the spec declares now."""
    if not isinstance(case.observation, Present):
        return None
    if any(path.cause is Cause.CHANGE for path in paths):
        found = compare(
            case.schema,
            desired=recorded.properties,
            recorded=recorded.properties,
            observed=observed,
            ignore=ignored(case, recorded.properties, recorded.properties),
            redactor=case.redactor,
            hiding=case.properties,
        )
        beside = beside_paths(case, recorded, recorded.properties, observed, found)
        paths = tuple(path for path in beside if path.cause is not Cause.CHANGE)  # a renamed stack
    if not paths:
        return None
    return Drift(
        address=case.resource.address, type=recorded.type, kind=DriftKind.CHANGED, paths=paths
    )
