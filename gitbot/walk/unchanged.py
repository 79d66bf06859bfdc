"""Read the unchanged resources that other steps of a walk refer to. Shell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    trees: Iterable[Any] = (
        *(one.that for one in desired.checks.values()),
        *(
            one.that
            for item in desired.resources.values()
            for one in (*item.lifecycle.preconditions, *item.lifecycle.postconditions)
        ),
        *(item.lifecycle.replace_when for item in desired.resources.values()),
    )
    if not plan.empty:
        trees = (
            *trees,
            *(item.properties for at, item in desired.resources.items() if at in changed),
            *(output.value for output in desired.outputs.values()),
        )
    used = {address for tree in trees for address in _references(tree)} - changed
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


def _references(tree: Value) -> frozenset[Address]:
    """The resources that the tree's unknowns use."""
    return frozenset(
        address
        for leaf in leaves(tree)
        if isinstance(leaf, Unknown)
        for address in leaf.references.values()
    )
