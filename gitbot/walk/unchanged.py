"""Read the unchanged resources that other steps of a walk refer to. Shell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gitbot.model.desired import DesiredStack
from gitbot.model.names import Address
from gitbot.model.observed import Present, ReadRequest
from gitbot.model.plan import Plan
from gitbot.model.values import Unknown, Value, leaves
from gitbot.walk.tasks import Stage


def read_unchanged(
    stage: Stage, plan: Plan, desired: DesiredStack | None
) -> Mapping[Address, Mapping[str, Any]]:
    """The observed properties of each unchanged resource that a change, an output or a condition
    refers to.

    Raises:
        TransientError, CloudError: one could not be read.
    """
    if desired is None:
        return {}
    changed = {change.address for change in plan.effective}
    used = {at for tree in _evaluated(plan, desired) for at in _references(tree)} - changed
    origins = {change.address: change.moved_from for change in plan.changes}
    recorded = stage.recorded.resources
    requests = [
        ReadRequest(
            address=address,
            type=known.type,
            remote_id=known.remote_id,
            route=known.route,
            surfaces=frozenset(known.properties),
        )
        for address in sorted(used)
        if (known := recorded.get(origins.get(address) or address)) is not None
    ]
    observed = stage.means.cloud.read(requests) if requests else {}
    return {
        address: found.properties
        for address, found in observed.items()
        if isinstance(found, Present)
    }


def _evaluated(plan: Plan, desired: DesiredStack) -> Iterator[Value]:
    """What the walk evaluates: conditions, and unless the plan is empty, changes and outputs."""
    for check in desired.checks.values():
        yield check.that
    for item in desired.resources.values():
        for condition in (*item.lifecycle.preconditions, *item.lifecycle.postconditions):
            yield condition.that
        yield item.lifecycle.replace_when
    if plan.empty:
        return
    for address in {change.address for change in plan.effective} & desired.resources.keys():
        yield desired.resources[address].properties
    for output in desired.outputs.values():
        yield output.value


def _references(tree: Value) -> frozenset[Address]:
    """The resources that the tree's unknowns use."""
    return frozenset(
        address
        for leaf in leaves(tree)
        if isinstance(leaf, Unknown)
        for address in leaf.references.values()
    )
