"""Tells which items of an output stay, where an apply changes others of it. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from gitbot.model.names import written_name
from gitbot.model.plan import OutputChange
from gitbot.model.uses import outputs_address
from gitbot.model.values import Redacted, Sensitive, Unknown, Value, leaves


def parts_of(stack: str, outputs: Iterable[OutputChange]) -> dict[str, Value]:
    """The outputs of the stack that an apply changes in part, by key: what stays, and else unknown.

    An output of which nothing stays is none of them, nor is one that holds something sensitive.
    """
    found: dict[str, Value] = {}
    for one in outputs:
        part = _part(
            one, Unknown(template="", references={"outputs": outputs_address(written_name(stack))})
        )
        if part is not None:
            found[f"{stack}.{one.name}"] = part
    return found


def _part(change: OutputChange, later: Unknown) -> Value:
    if change.sensitive or change.added or change.removed:
        return None
    if not isinstance(change.after, (Mapping, list, tuple)):
        return None
    if any(isinstance(one, (Redacted, Sensitive)) for one in leaves([change.before, change.after])):
        return None
    part = _staying(change.before, change.after, f"outputs.{change.name}", later)
    stays = any(not isinstance(one, Unknown) for one in leaves(part))
    return part if stays and not isinstance(part, Unknown) else None


def _staying(before: Any, after: Any, path: str, later: Unknown) -> Any:
    """The value after, with what differs from before unknown; ``path`` is where expressions find it."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return {
            key: _staying(before.get(key), one, f"{path}[{json.dumps(key)}]", later)
            for key, one in after.items()
        }
    if isinstance(before, (list, tuple)) and isinstance(after, (list, tuple)):
        known = [*before, *[None] * len(after)]
        return [_staying(known[at], one, f"{path}[{at}]", later) for at, one in enumerate(after)]
    if type(before) is type(after) and before == after and not isinstance(after, Unknown):
        return after
    return Unknown(template=f"${{{path}}}", references=later.references)


def agrees(part: Value, value: Value) -> bool:
    """Whether the output has, where the part of it was known, what the part says."""
    if isinstance(part, Unknown):
        return True
    if isinstance(part, Mapping):
        return (
            isinstance(value, Mapping)
            and part.keys() == value.keys()
            and all(agrees(one, value[key]) for key, one in part.items())
        )
    if isinstance(part, (list, tuple)):
        same = isinstance(value, (list, tuple)) and len(part) == len(value)
        return same and all(map(agrees, part, value))  # type: ignore[arg-type]
    return part == value


def filled(unknown: Unknown, parts: Mapping[str, Mapping[str, Value]]) -> Unknown:
    """The unknown, with what is known of the outputs that it uses; itself where that is nothing.

    ``parts`` are by the address of a stack's outputs, then by output.
    """
    if parts.keys().isdisjoint(unknown.references.values()):
        return unknown
    return Unknown(
        template=unknown.template,
        inputs=_filled(unknown.inputs, parts),
        references=unknown.references,
        sensitive=unknown.sensitive,
        secrets=unknown.secrets,
    )


def _filled(tree: Any, parts: Mapping[str, Mapping[str, Value]]) -> Any:
    if isinstance(tree, Mapping):
        return {key: _filled(one, parts) for key, one in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [_filled(one, parts) for one in tree]
    if not isinstance(tree, Unknown):
        return tree
    known = parts.get(tree.references.get("outputs", ""), {})
    for output, part in known.items():
        if tree.template == f"${{outputs.{output}}}":
            return part
    return filled(tree, parts)
