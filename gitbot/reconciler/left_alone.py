"""Which paths of a resource a plan leaves as the cloud has them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.model.desired import DesiredStack, Lifecycle
from gitbot.model.schema import TypeSchema
from gitbot.model.values import Redactor, Value
from gitbot.reconciler.equality import Equality
from gitbot.reconciler.pointers import MISSING, Path, parse, value_at, values_at, words_of
from gitbot.reconciler.rules import rules_of
from gitbot.reconciler.tags import tags_of


def left_alone(
    schema: TypeSchema,
    lifecycle: Lifecycle,
    desired: Mapping[str, Value],
    recorded: Mapping[str, Value] | None,
    redactor: Redactor,
) -> tuple[str, ...]:
    """The JSON pointers of ``ignoreChanges``, and those whose drift is ignored, always or for now.

    Of the latter only those that the spec has not changed since the last apply: a path that the spec
    changes is set. A value that is not known yet counts as changed.
    """
    drifting = (*lifecycle.may_drift, *(one.path for one in lifecycle.ignore_drift))
    if recorded is None or not drifting:
        return lifecycle.ignore_changes
    if schema.normalise is not None:
        desired, recorded = schema.normalise(desired), schema.normalise(recorded)
    rules = rules_of(schema)
    equality = Equality(rules, redactor)
    return (
        *lifecycle.ignore_changes,
        *(
            path
            for path in drifting
            if _same(equality, parse(path), rules.tags_path, desired, recorded)
        ),
    )


def _same(
    equality: Equality,
    pattern: Path,
    tags: Path | None,
    desired: Mapping[str, Value],
    recorded: Mapping[str, Value],
) -> bool:
    want, was = (_values(tree, pattern, tags) for tree in (desired, recorded))
    return want.keys() == was.keys() and all(
        equality.holds(path, want[path], was[path]) for path in want
    )


def _values(tree: Mapping[str, Value], pattern: Path, tags: Path | None) -> Mapping[Path, Any]:
    if tags is not None and pattern[:-1] == tags:
        value = tags_of(value_at(tree, tags)).get(pattern[-1], MISSING)
        return {} if value is MISSING else {pattern: value}
    return dict(values_at(tree, pattern))


def ignored_words(desired: DesiredStack) -> tuple[str, ...]:
    """A sentence for each path whose drift is ignored for now, by resource."""
    return tuple(
        f"`{address}` {words_of(parse(rule.path))} is left as the cloud has it until "
        f"{rule.until:%Y-%m-%d %H:%M} UTC, unless the spec changes it ({rule.because})."
        for address, resource in sorted(desired.resources.items())
        for rule in resource.lifecycle.ignore_drift
    )
