"""Tell what the cloud deletes with an object, because it is a part of it. Pure.

The old object of a replacement that keeps its name goes first, and with it go the permissions of a function, the metric
filters of a log group, the attachments of a machine. They are made again for the new one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from gitbot.model.desired import DesiredResource
from gitbot.model.names import Address
from gitbot.model.plan import Action
from gitbot.model.schema import TypeSchema
from gitbot.model.values import Value, leaves
from gitbot.reconciler.deciding.case import Decision
from gitbot.reconciler.ordering import service, used
from gitbot.reconciler.pointers import parse
from gitbot.reconciler.weaker import may_turn_out_weaker


def goes_with(
    resource: DesiredResource, schema: TypeSchema, before: Mapping[Address, Decision]
) -> Address | None:
    """The object with which this one goes, of those that are surely replaced and keep their name; None: it stays."""
    for address in resource.depends_on:
        decision = before.get(address)
        if decision is None or not _keeps_its_name(decision):
            continue
        for name in parts_of(schema, decision.change.type):
            if _names(resource.properties.get(name), address, decision.named):
                return address
    return None


def _names(given: Value, address: Address, named: str) -> bool:
    """Whether the value is an expression with the resource, or has its name as a whole: alone, or in an ARN or URL."""
    whole = re.compile(rf"(?:^|[:/]){re.escape(named)}(?:$|[:/])")
    return any(
        bool(whole.search(leaf)) if isinstance(leaf, str) else address in used(leaf, {})
        for leaf in leaves(given)
    )


def _keeps_its_name(decision: Decision) -> bool:
    change = decision.change
    surely = change.action is Action.REPLACE and not may_turn_out_weaker(change)
    return surely and bool(decision.named)


def parts_of(schema: TypeSchema, other: str) -> Iterator[str]:
    """The properties that make the object a part of one of the other type: its parent's, or one of those that identify it.

    What a single property identifies has a name of its own there, which may well begin with another's.
    """
    parents = () if schema.parent is None else (schema.parent, *schema.parent.others)
    yield from (one.reference for one in parents if one.type == other)
    if service(schema.name) == service(other) and len(schema.primary_identifier) > 1:
        own = set(schema.primary_identifier) - set(schema.read_only)
        yield from sorted(parse(path)[0] for path in own)
