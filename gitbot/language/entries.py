"""Reads the entries of ``resources``: which type or module each one is. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gitbot.language.fields import CEL_WORDS, SCOPE_ROOTS
from gitbot.language.nodes import Node
from gitbot.language.problems import Problems, quoted
from gitbot.language.type_names import meant_type
from gitbot.language.types import Types
from gitbot.language.written import Written

_OF_TYPES: Final = ("properties", "placement", "offhours")


def read_entries(
    node: Node, fields: Mapping[str, Mapping[str, Any]], types: Types, problems: Problems
) -> dict[str, Written]:
    """The entries by key. One that cannot be read is left out, and is a problem.

    ``fields`` is what ``shape.read`` made of ``node``.
    """
    found: dict[str, Written] = {}
    for key, given in fields.items():
        child = node.get(key)
        if child is None or not _is_key_allowed(key, node, problems):
            continue
        if "module" in child.value:
            _check_use(key, child, problems)
        elif "values" in child.value:
            problems.add(
                "bad-value",
                child.key_mark("values"),
                f"{key} has values, but only a module takes any.",
                "Write properties, or name a module in place of the type.",
            )
        one = _entry(key, child, given, node, types, problems)
        if one is not None:
            found[key] = one
    return found


def _entry(
    key: str, child: Node, given: Mapping[str, Any], node: Node, types: Types, problems: Problems
) -> Written | None:
    name = given.get("type", "")
    if not name and "module" not in given:
        return None  # it has a problem already
    type_ = types.get(name) if name else None
    if name and type_ is None:
        _add_unknown_type(name, child, types, problems)
    elif type_ is not None and not type_.is_served:
        _add_not_served(name, child, types, problems)
    return Written(
        key=key,
        node=child,
        home=node.key_mark(key),
        fields=given,
        problems=problems,
        type_name=name,
        type=type_,
    )


def _check_use(key: str, child: Node, problems: Problems) -> None:
    """A use of a module says nothing that is about one resource."""
    if "type" in child.value:
        problems.add(
            "bad-value",
            child.key_mark("type"),
            f"{key} has both a type and a module.",
            "Keep one of them.",
        )
    for name in _OF_TYPES:
        if name in child.value:
            problems.add(
                "bad-value",
                child.key_mark(name),
                f"{key} uses a module, and {name} is about one resource.",
                "Pass it as one of the module's values.",
            )
    lifecycle = child.get("lifecycle")
    for name, _ in lifecycle.items() if lifecycle is not None else ():
        if name != "dependsOn":
            problems.add(
                "bad-value",
                lifecycle.key_mark(name) if lifecycle is not None else child,
                f"{key} uses a module, and lifecycle.{name} is about one resource.",
                f"Write {_moved_line(lifecycle.value[name].value, key)}."
                if name == "moved" and lifecycle is not None
                else "Write it at the resource inside the module.",
            )


def _moved_line(before: object, now: str) -> str:
    """The line that says of a module, or of copies, that they had another key."""
    return f"`moved: [{{from: {before}, to: {now}}}]` below spec"


def _is_key_allowed(key: str, node: Node, problems: Problems) -> bool:
    allowed = key not in SCOPE_ROOTS and key not in CEL_WORDS
    if not allowed:
        child = node.get(key)
        fields = child.value if child is not None and child.is_map else {}
        together = not {"module", "forEach"}.isdisjoint(fields)
        line = _moved_line(key, "<its new key>") if together else f"`lifecycle: {{moved: {key}}}`"
        moved = f" with {line} if it exists already"
        problems.add(
            "bad-name",
            node.key_mark(key),
            f"{quoted(key)} cannot name a resource, because the word has a meaning in expressions.",
            f"Choose another key,{moved}.",
        )
    return allowed


def _add_unknown_type(name: str, node: Node, types: Types, problems: Problems) -> None:
    problems.add(
        "unknown-type",
        node.get("type"),
        f"The CloudFormation registry has no resource type {quoted(name)}.",
        meant_type(name, types.all_names())
        or "Look it up in AWS's reference of CloudFormation resource types.",
    )


def _instead(name: str, types: Types) -> str:
    """What there is instead of a type that is not managed."""
    found = types.get(name)
    told = "" if found is None else found.schema.instead.get("", "")
    return told or meant_type(name, types.served_names()) or "Remove the resource for now."


def _add_not_served(name: str, node: Node, types: Types, problems: Problems) -> None:
    problems.add(
        "type-not-served",
        node.get("type"),
        f"{name} exists, but AWS does not let other programs than CloudFormation create, read and "
        "delete it, and gitbot has no way of its own for it.",
        _instead(name, types),
    )
