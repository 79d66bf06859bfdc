"""Writes what a change did to the state of a stack, and applies it again. Shell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gitbot.adapters.object_store.sealed import opened_data, sealed_data
from gitbot.adapters.sealing.sealer import Sealer
from gitbot.model.codec import from_data, to_data
from gitbot.model.names import StackId
from gitbot.model.recorded import RecordedStack

Data = dict[str, Any]


def patch_of(before: RecordedStack | None, after: RecordedStack, sealer: Sealer) -> Data:
    """What makes ``after`` of ``before``: the fields that differ, and the resources that differ.

    A resource that is the same object in both is not looked at, so a patch costs what changed. Values are
    sealed for their lineage, so in another lineage all of them change.
    """
    resources_before = {} if before is None else before.resources
    old = {} if before is None else _head(before)
    new = _head(after)
    moved = before is not None and before.lineage != after.lineage
    resources = {
        str(address): to_data(resource)
        for address, resource in after.resources.items()
        if moved or resources_before.get(address) is not resource
    }
    gone = dict.fromkeys(map(str, resources_before.keys() - after.resources.keys()))
    changed = {name: value for name, value in new.items() if moved or old.get(name) != value}
    sealed = sealed_data({**changed, "resources": resources}, after.lineage, sealer)
    return {
        "set": {name: value for name, value in sealed.items() if name != "resources"},
        "unset": sorted(old.keys() - new.keys()),
        "resources": {**sealed["resources"], **gone},
    }


def patched(data: Mapping[str, Any] | None, patch: Mapping[str, Any]) -> Data:
    """The data of a state after the patch; ``data`` is not changed. None: there was no state."""
    rest = {name: one for name, one in (data or {}).items() if name not in patch["unset"]}
    made = {**rest, **patch["set"]}
    resources = {**made.get("resources", {}), **patch["resources"]}
    return {**made, "resources": {at: one for at, one in resources.items() if one is not None}}


def state_of(data: Mapping[str, Any], sealer: Sealer) -> RecordedStack:
    """The state of this data, with its resources in the order of their addresses.

    Raises:
        UserError: a value cannot be opened.
    """
    state = from_data(opened_data(data, sealer), RecordedStack)
    return replace(state, resources=dict(sorted(state.resources.items())))


def data_of(state: RecordedStack, sealer: Sealer) -> Data:
    """The data of the state, with its values sealed."""
    return sealed_data(to_data(state), state.lineage, sealer)


def id_data(stack: StackId) -> Data:
    """The data of a stack's identity."""
    return dict(to_data(stack))


def _head(state: RecordedStack) -> Data:
    head = dict(to_data(replace(state, resources={})))
    head.pop("resources", None)
    return head
