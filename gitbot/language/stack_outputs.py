"""Reads which outputs of other stacks a stack uses: ``stacks["network"].outputs.vpc_id``. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gitbot.language.nodes import NOT_LITERAL, Node
from gitbot.language.problems import Problems
from gitbot.language.scanner import Step
from gitbot.language.scope import AnyName
from gitbot.language.templates import ExpressionError, parse_template
from gitbot.model.uses import OutputUse
from gitbot.model.values import Value

ROOT: Final = "stacks"
_WHOLE: Final = 4
"""A use is ``stacks``, the stack, ``outputs`` and the output; what follows selects inside of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackOutputs:
    """The outputs that a document uses, and what its expressions see below ``stacks``."""

    uses: tuple[OutputUse, ...] = ()
    values: Mapping[str, Value] = field(default_factory=dict)


def stack_outputs(spec: Node | None, problems: Problems) -> StackOutputs:
    """The outputs of other stacks that the expressions of the document use.

    Each is unknown until it is bound. A use that does not name one output of one stack is a problem.
    """
    found: dict[tuple[str, str], OutputUse] = {}
    values: dict[str, Any] = {}
    wrong = False
    for node, path in _paths(spec):
        names = [one for one in path[1:_WHOLE] if isinstance(one, str)]
        if len(names) < _WHOLE - 1 or names[1] != "outputs":
            wrong = True
            _add_wrong(node, problems)
            continue
        stack, _, output = names
        use = OutputUse(stack=stack, output=output, producer=stack, source=problems.span(node))
        found.setdefault((stack, output), use)
        values.setdefault(stack, {"outputs": {}})["outputs"][output] = use.placeholder
    return StackOutputs(
        uses=tuple(found[key] for key in sorted(found)), values=AnyName() if wrong else values
    )


def _paths(spec: Node | None) -> Iterator[tuple[Node, tuple[Step, ...]]]:
    """Each path that begins with ``stacks``, with the node whose text has it, in file order."""
    waiting = [] if spec is None else [spec]
    while waiting:
        node = waiting.pop()
        if node.literal is not NOT_LITERAL:
            continue
        value = node.value
        if isinstance(value, str):
            if ROOT in value:
                yield from ((node, path) for path in _paths_in(value))
        elif isinstance(value, dict):
            waiting.extend(reversed(value.values()))
        elif isinstance(value, list):
            waiting.extend(reversed(value))


def _paths_in(text: str) -> list[tuple[Step, ...]]:
    try:
        names = parse_template(text).names
    except ExpressionError:
        return []  # it has a diagnostic of its own
    every = names.paths | names.compared | names.walked
    return sorted((path for path in every if path[0] == ROOT), key=str)


def _add_wrong(node: Node, problems: Problems) -> None:
    problems.add(
        "bad-stack-output",
        node,
        "stacks is used for something else than one output of one stack, which is all that it has.",
        'Write ${stacks["network"].outputs.vpc_id}, with the names of the stack and of its output '
        "written out.",
    )
