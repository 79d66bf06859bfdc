"""Evaluates the values of ``lifecycle.replaceWhen``, where a resource may stand as a whole. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from gitbot.language.copies import Copy
from gitbot.language.frame import Frame
from gitbot.language.nodes import Node
from gitbot.language.templates import ExpressionError, parse_template
from gitbot.language.trees import TreeEvaluator
from gitbot.language.written import Written
from gitbot.model.desired import MADE, DesiredResource
from gitbot.model.names import Address
from gitbot.model.secret_references import made_of_secrets
from gitbot.model.values import Unknown, Value

_WHOLE: Final = re.compile(
    r"""\s*([a-z][a-z0-9_]*)\s*(\[\s*(?:"([^"\\]*)"|'([^'\\]*)'|each\.key)\s*\]\s*)?"""
)


def replacing_value(
    frame: Frame, one: Written, copy: Copy, evaluator: TreeEvaluator, node: Node
) -> Value:
    """A value that replaces the resource once it is another one.

    A resource as a whole, ``${ssh}`` or ``${data["models"]}``, is another one once it was made anew,
    or its spec says another thing; what the cloud adds and tags do not count. A value that is made of a
    secret is never opened: its version counts.
    """
    value = _resources(frame, one, copy, node)
    whole = value is not None
    if value is None:
        value = evaluator.evaluate(node)
    if any(leaf.references for leaf in made_of_secrets(value)):
        one.problems.add(
            "bad-secret",
            node,
            "replaceWhen mixes a secret with what only the cloud can tell, and nobody opens a secret "
            "to compare it.",
            "Name the attributes that matter instead of the whole resource."
            if whole
            else "Give the secret and the other value names of their own.",
        )
    return value


def _resources(frame: Frame, one: Written, copy: Copy, node: Node) -> Value:
    """What stands for the resource, or for each of its copies; None if the value is anything else."""
    key, asked = _named(node, copy)
    if not key or key == one.key:
        return None
    base, copies = f"{frame.prefix}{key}", frame.copies.get(key)
    if asked is not None or copies is None:
        suffix = "" if asked is None else Copy(key=asked).suffix
        return _stamp(frame, key, Address(f"{base}{suffix}"))
    found = {name: _stamp(frame, key, Address(base + Copy(key=name).suffix)) for name in copies}
    return found if all(found.values()) else None


def _named(node: Node, copy: Copy) -> tuple[str, str | None]:
    """The key that is the whole expression, and the key of its copy; empty for other expressions."""
    if not isinstance(node.value, str):
        return "", None
    try:
        single = parse_template(node.value).single
    except ExpressionError:
        return "", None
    match = None if single is None else _WHOLE.fullmatch(single.text)
    if match is None:
        return "", None
    if match[2] is None:
        return match[1], None
    each = copy.each["key"] if copy.each is not None else None
    asked = next((text for text in (match[3], match[4]) if text is not None), each)
    return (match[1], asked) if isinstance(asked, str) else ("", None)


def _stamp(frame: Frame, key: str, address: Address) -> Value:
    """What tells that the resource is another one; None where the address is no resource."""
    resource = frame.shared.desired.get(address)
    if resource is None:
        return None
    made = Unknown(template=f'${{{key}["{MADE}"]}}', references={key: address})
    return {"made": made, "properties": _without_tags(frame, resource)}


def _without_tags(frame: Frame, resource: DesiredResource) -> Mapping[str, Value]:
    type_ = frame.shared.written[resource.address].type
    tags = (type_.schema.tags_path or "").strip("/") if type_ is not None else ""
    return {name: value for name, value in resource.properties.items() if name != tags}
