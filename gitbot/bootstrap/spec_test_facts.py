"""Makes of a plan and a state what the assertions of ``gitbot test`` can say. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.language.spec_tests import ENTRY, Case
from gitbot.model.desired import DesiredStack
from gitbot.model.plan import Action, Plan
from gitbot.model.recorded import RecordedStack
from gitbot.model.values import Redacted, Sensitive, Unknown
from gitbot.reconciler.binding import plain_attributes


def recorded_facts(recorded: RecordedStack) -> dict[str, Any]:
    """What the cloud said of each object, and the outputs, after the apply."""
    attributes = {
        address: plain_attributes({**one.attributes, **one.properties})
        for address, one in recorded.resources.items()
    }
    outputs = {name: one.value for name, one in recorded.outputs.items()}
    return {"applied": attributes, "outputs": plain_attributes(outputs)}


def facts_of(
    plan: Plan, desired: DesiredStack, after: Mapping[str, Any], case: Case
) -> dict[str, Any]:
    """What assertions can say: ``plan``, ``resources``, ``outputs`` and ``applied``.

    Addresses are those of the module that is tested. What is known only after an apply is left out.
    """
    changes = {
        _own(one.address, case): {"action": str(one.action), "type": one.type}
        for one in plan.changes
    }
    counts = {
        action.name.lower(): sum(one["action"] == str(action) for one in changes.values())
        for action in Action
    }
    resources = {
        _own(address, case): {
            "type": one.type,
            "properties": plain_attributes(one.properties),
            "dependsOn": sorted(_own(each, case) for each in one.depends_on),
        }
        for address, one in desired.resources.items()
    }
    known = {
        name: one.value
        for name, one in desired.outputs.items()
        if not isinstance(one.value, (Unknown, Sensitive, Redacted))
    }
    applied = {_own(address, case): one for address, one in after.get("applied", {}).items()}
    return {
        "plan": {**counts, "changes": changes},
        "resources": resources,
        "outputs": {**plain_attributes(known), **after.get("outputs", {})},
        "applied": applied,
    }


def _own(address: str, case: Case) -> str:
    return address.removeprefix(f"{ENTRY}.") if case.module else address
