"""The change of one object of a type that its spec makes another one."""

from __future__ import annotations

from typing import Any

from gitbot.model.plan import Change
from gitbot.providers.aws.catalog import open_catalog
from tests.unit.reconciler.planning_world import (
    change_of,
    plan_of,
    present,
    record,
    resource,
    stack,
    state,
)

_LOOKUP = open_catalog().lookup


def changed(type_: str, before: dict[str, Any], after: dict[str, Any]) -> Change:
    """What a plan does with an object that has what was applied, ``before``, and whose spec says ``after``."""
    schema = _LOOKUP(type_)
    assert schema is not None
    plan = plan_of(
        stack(resource("it", schema, after)),
        state(record("it", schema, before)),
        present("it", **(schema.normalise(before) if schema.normalise else before)),
        schemas=_LOOKUP,
    )
    return change_of(plan, "it")
