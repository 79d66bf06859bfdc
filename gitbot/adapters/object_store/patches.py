"""Writes what a change did to the state of a stack, and applies it again. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gitbot.model.codec import from_data, to_data
from gitbot.model.names import StackId
from gitbot.model.recorded import RecordedStack

Data = dict[str, Any]


def patch_of(before: RecordedStack | None, after: RecordedStack) -> Data:
    """What makes ``after`` of ``before``: the fields that differ, and the resources that differ.

    A resource that is the same object in both is not looked at, so a patch costs what changed.
    """
    resources_before = {} if before is None else before.resources
    old = {} if before is None else _head(before)
    new = _head(after)
    resources = {
        str(address): to_data(resource)
        for address, resource in after.resources.items()
        if resources_before.get(address) is not resource
    }
    gone = dict.fromkeys(map(str, resources_before.keys() - after.resources.keys()))
    return {
        "set": {name: value for name, value in new.items() if old.get(name) != value},
        "unset": sorted(old.keys() - new.keys()),
        "resources": {**resources, **gone},
    }


def patched(data: Mapping[str, Any] | None, patch: Mapping[str, Any]) -> Data:
    """The data of a state after the patch; ``data`` is not changed. None: there was no state."""
    rest = {name: one for name, one in (data or {}).items() if name not in patch["unset"]}
    made = {**rest, **patch["set"]}
    resources = {**made.get("resources", {}), **patch["resources"]}
    return {**made, "resources": {at: one for at, one in resources.items() if one is not None}}


def state_of(data: Mapping[str, Any]) -> RecordedStack:
    """The state of this data, with its resources in the order of their addresses."""
    state = from_data(data, RecordedStack)
    return replace(state, resources=dict(sorted(state.resources.items())))


def data_of(state: RecordedStack) -> Data:
    """The data of the state."""
    return dict(to_data(state))


def id_data(stack: StackId) -> Data:
    """The data of a stack's identity."""
    return dict(to_data(stack))


def _head(state: RecordedStack) -> Data:
    head = dict(to_data(replace(state, resources={})))
    head.pop("resources", None)
    return head
