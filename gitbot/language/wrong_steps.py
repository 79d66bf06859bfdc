"""Say in people's words why an expression selects from a value what such a value does not have. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.language.scanner import Names


def wrong_step(names: Names, context: Mapping[str, Any]) -> tuple[str, str] | None:
    """What is wrong and what to write, where a path selects a key from what is no map; else None."""
    for path in sorted(names.paths, key=str):
        value: Any = context
        shown = ""
        for step in path:
            if not isinstance(step, str):
                break
            if not isinstance(value, Mapping):
                return _told(shown, value, step)
            if step not in value:
                break
            value = value[step]
            shown = _joined(shown, step)
    return None


def _told(shown: str, value: Any, step: str) -> tuple[str, str]:
    if isinstance(value, (list, tuple)):
        return (
            f'{shown} is a list, so it has no "{step}"',
            f"Write {shown}[0] for its first item, [1] for the next one; or make it a map.",
        )
    kind = (
        "nothing"
        if value is None
        else "a text"
        if isinstance(value, str)
        else "true or false"
        if isinstance(value, bool)
        else "a number"
    )
    return f'{shown} is {kind}, so it has no "{step}"', f"Write {shown} alone, or make it a map."


def _joined(shown: str, step: str) -> str:
    if not shown:
        return step
    # Names of stacks are always written in brackets.
    return f"{shown}.{step}" if step.isidentifier() and shown != "stacks" else f'{shown}["{step}"]'
