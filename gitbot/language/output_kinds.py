"""Finds uses of another stack's output that take a key of a list, before the list is known. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from gitbot.language.templates import ExpressionError, parse_template
from gitbot.language.wrong_steps import wrong_step
from gitbot.model.desired import DesiredStack
from gitbot.model.uses import OutputUse
from gitbot.model.values import Unknown, leaves

_MADE: Final = re.compile(r"\w+(?:\.\w+)*\.(?:map|filter)\((?P<inside>.*)\)", re.DOTALL)


def wrong_use(stack: DesiredStack, use: OutputUse, value: Any) -> tuple[str, str] | None:
    """What is wrong and what to write, where the stack takes a key of this output, a list; else None."""
    if not _is_list(value):
        return None
    context: dict[str, Any] = {"stacks": {use.stack: {"outputs": {use.output: []}}}}
    for unknown in _unknowns(
        [[one.properties for one in stack.resources.values()], _outputs(stack)]
    ):
        try:
            names = parse_template(unknown.template).names
        except ExpressionError:
            continue  # it has a diagnostic of its own
        if "stacks" not in names.tested and (found := wrong_step(names, context)) is not None:
            return found
    return None


def _outputs(stack: DesiredStack) -> list[Any]:
    return [one.value for one in stack.outputs.values()]


def _unknowns(tree: Any) -> Iterator[Unknown]:
    """Every unknown of the tree, also those that others are made of."""
    for leaf in leaves(tree):
        if isinstance(leaf, Unknown):
            yield leaf
            yield from _unknowns(leaf.inputs)


def _is_list(value: Any) -> bool:
    """Whether the value is a list for sure, whatever its items will be."""
    if not isinstance(value, Unknown):
        return isinstance(value, (list, tuple))
    try:
        only = parse_template(value.template).single
    except ExpressionError:
        return False  # a sensitive one has no text
    if only is None:
        return False
    if only.selection is not None:
        root, name = only.selection
        given = value.inputs.get(root)
        return isinstance(given, Mapping) and _is_list(given.get(name))
    made = _MADE.fullmatch(only.text.strip())
    return made is not None and _is_balanced(made["inside"])


def _is_balanced(text: str) -> bool:
    """Whether each bracket that ends in the text began in it: the call before it ends after it."""
    open_ = 0
    for one in text:
        open_ += (one == "(") - (one == ")")
        if open_ < 0:
            return False
    return open_ == 0
