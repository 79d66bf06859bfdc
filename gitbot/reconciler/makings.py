"""List what a plan does to objects, and tell what the cloud objects to. Pure.

Some of what a spec means depends on what is in the cloud: which disk of a machine is its root disk, its
image says. Such a fault would pass for a valid spec, and show only on the bill. And some of what a plan
does the cloud will refuse: people should know before they agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from gitbot.model.desired import DesiredResource, DesiredStack
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.names import Address
from gitbot.model.observed import Deed, Making, Objection, Removing
from gitbot.model.plan import Action, Change, Plan
from gitbot.model.recorded import RecordedStack
from gitbot.model.schema import ReplaceOrder, SchemaLookup, TypeSchema
from gitbot.model.values import Redacted, Sensitive, Unknown, Value, map_leaves
from gitbot.reconciler.problems.changes import say_made_otherwise
from gitbot.reconciler.problems.collected import Problems


def deeds_of(
    plan: Plan, desired: DesiredStack | None, recorded: RecordedStack, schemas: SchemaLookup
) -> tuple[Deed, ...]:
    """Everything that the plan makes, changes and deletes. A replacement is in it twice."""
    made = () if desired is None else makings_of(plan, desired, schemas)
    return (*made, *_removings(plan, recorded))


def _removings(plan: Plan, recorded: RecordedStack) -> Iterator[Removing]:
    for change in plan.changes:
        if change.action in (Action.DELETE, Action.REPLACE) and change.remote_id is not None:
            former = recorded.resources.get(change.moved_from or change.address)
            replaced = change.action is Action.REPLACE and former is not None
            yield Removing(
                address=change.address,
                type=former.type if replaced and former is not None else change.type,
                remote_id=change.remote_id,
                empties=change.empties,
                first=change.replace_order is ReplaceOrder.DELETE_FIRST,
            )


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
        remote_id=change.remote_id if change.action is Action.UPDATE else None,
    )


def _plain(leaf: Value) -> Value:
    return None if isinstance(leaf, (Unknown, Sensitive, Redacted)) else leaf


def refusals(desired: DesiredStack, objections: Sequence[Objection]) -> tuple[Diagnostic, ...]:
    """A diagnostic at the resource of each objection that is no remark."""
    problems = Problems(desired)
    for each in objections:
        if not each.remark:
            say_made_otherwise(problems, desired.resources[each.address], each.why, each.fix)
    return problems.found


def with_remarks(plan: Plan, objections: Sequence[Objection]) -> Plan:
    """The plan with what it has to tell of what the cloud will refuse. Its digest stays."""
    types = {change.address: change.type for change in plan.changes}
    told = tuple(_words(each.address, types, each) for each in objections if each.remark)
    return replace(plan, foretold=tuple(dict.fromkeys(told))) if told else plan


def _words(address: Address, types: Mapping[Address, str], each: Objection) -> str:
    return f"`{address}` ({types[address]}): {each.why} {each.fix}"
