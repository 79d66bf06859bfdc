"""Renders what state lists of a stack, for the terminal and for programs. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.model.recorded import RecordedStack
from gitbot.render.terminal import Line


def stack_data(stack: RecordedStack) -> dict[str, Any]:
    """What state lists of the stack, as JSON data."""
    resources = sorted(stack.resources.items())
    return {
        "name": stack.id.name,
        "region": stack.id.region,
        "serial": stack.serial,
        "commit": stack.commit,
        "complete": stack.complete,
        "edited": stack.edited,
        "empty": stack.empty,
        "moved_to": None if stack.moved is None else stack.moved.to,
        "resources": {str(address): each.remote_id for address, each in resources},
        "types": {str(address): each.type for address, each in resources},
    }


def stack_lines(data: Mapping[str, Any]) -> tuple[Line, ...]:
    """The lines of a stack, from what ``stack_data`` made of it."""
    return (
        Line(f"{data['name']}  serial {data['serial']}{_standing(data)}", "bold"),
        *(
            Line(f"  {address}  {data['types'][address]}  {id_}")
            for address, id_ in data["resources"].items()
        ),
    )


def _standing(data: Mapping[str, Any]) -> str:
    """Where another store has it, or why the next apply looks at the stack even if its specs are the same;
    empty if neither is so."""
    if data.get("moved_to"):  # a server of an earlier version does not say
        return f"  (a copy: {data['moved_to']} has it)"
    if data["complete"]:
        return ""
    by_hand = "changed by hand since its last apply"
    return f"  ({by_hand if data['edited'] else 'its last apply did not finish'})"
