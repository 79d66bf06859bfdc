"""Writes the conditions of a template as expressions. Pure."""

from __future__ import annotations

from typing import Any, Final

from gitbot.language.choices import UnwritableError
from gitbot.language.cloudformation.writer import Writer
from gitbot.language.nodes import Node

_DEEPEST: Final = 40


def condition(writer: Writer, node: Node, depth: int = 0) -> str:
    """The CEL text of a condition.

    Raises:
        UnwritableError: it cannot be written.
    """
    value: Any = node.value
    if isinstance(value, dict) and len(value) == 1 and depth < _DEEPEST:
        ((name, argument),) = value.items()
        if name == "Condition":
            found = writer.names.condition(writer.plain(name, argument), argument)
            if found is None:
                raise UnwritableError
            return found
        if name == "Fn::Equals":
            one, other = writer.arguments(name, argument, 2, 2)
            return f"{writer.cel(one)} == {writer.cel(other)}"
        if name in _COMBINED:
            least, most, sign = _COMBINED[name]
            parts = writer.arguments(name, argument, least, most)
            inside = (f"({condition(writer, one, depth + 1)})" for one in parts)
            return "!" + next(inside) if name == "Fn::Not" else sign.join(inside)
    raise writer.refuse(
        "bad-template",
        node,
        "A condition is Fn::And, Fn::Or, Fn::Not, Fn::Equals or Condition.",
        "Write one of these.",
    )


_COMBINED: Final = {
    "Fn::And": (2, 10, " && "),
    "Fn::Or": (2, 10, " || "),
    "Fn::Not": (1, 1, ""),
}
