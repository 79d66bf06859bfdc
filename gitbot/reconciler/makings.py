"""List the objects that a plan makes or changes, and refuse what would become something else. Pure.

Some of what a spec means depends on what is in the cloud: which disk of a machine is its root disk, its
image says. Such a fault would pass for a valid spec, and show only on the bill.
"""

from __future__ import annotations

from collections.abc import Sequence

from gitbot.model.desired import DesiredResource, DesiredStack
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.observed import Making, Objection
from gitbot.model.plan import Action, Change, Plan
from gitbot.model.schema import SchemaLookup, TypeSchema
from gitbot.model.values import Redacted, Sensitive, Unknown, Value, map_leaves
from gitbot.reconciler.problems import Problems


def makings_of(plan: Plan, desired: DesiredStack, schemas: SchemaLookup) -> tuple[Making, ...]:
    """Each object that the plan creates, makes in place of another, or updates."""
    return tuple(
        _making(desired.resources[change.address], schema, change)
        for change in plan.changes
        if change.action in (Action.CREATE, Action.REPLACE, Action.UPDATE)
        and (schema := schemas(change.type)) is not None
    )


def _making(resource: DesiredResource, schema: TypeSchema, change: Change) -> Making:
    changed = frozenset(path.path.split("/")[1] for path in change.paths)
    return Making(
        address=resource.address,
        type=schema.name,
        route=schema.route,
        properties=map_leaves(resource.properties, _plain),
        changed=changed if change.action is Action.UPDATE else None,
    )


def _plain(leaf: Value) -> Value:
    return None if isinstance(leaf, (Unknown, Sensitive, Redacted)) else leaf


def refusals(desired: DesiredStack, objections: Sequence[Objection]) -> tuple[Diagnostic, ...]:
    """A diagnostic at the resource of each objection."""
    problems = Problems(desired)
    for each in objections:
        problems.made_otherwise(desired.resources[each.address], each.why, each.fix)
    return problems.found
