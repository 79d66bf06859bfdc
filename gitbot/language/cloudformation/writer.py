"""Writes the values of a template in the language of specs. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from gitbot.language.choices import UNREADABLE, UnwritableError, expression_of
from gitbot.language.cloudformation.coercing import (
    ANYTHING,
    TEXT,
    Wanted,
    converted,
    escaped,
    literal,
)
from gitbot.language.cloudformation.dynamic import DynamicError, has_dynamic, resolved
from gitbot.language.cloudformation.names import Names
from gitbot.language.cloudformation.refusals import UNSUPPORTED
from gitbot.language.nodes import Choice, Node, kind_name
from gitbot.language.problems import Problems, quoted
from gitbot.language.templates import ExpressionError

_LONGEST: Final = 200_000
Function: TypeAlias = "Callable[[Writer, Node], tuple[str, str]]"
"""Writes a call with this argument: the template of the scalar, and the kind of its value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Writes values of one template. ``functions`` are those that it can call, by their names."""

    names: Names
    problems: Problems
    functions: Mapping[str, Function]

    def value(self, node: Node, wanted: Wanted = ANYTHING) -> Node | None:
        """The value as a spec has it; None for ``AWS::NoValue``.

        One that cannot be written is a placeholder, with a problem added.
        """
        try:
            return self._value(node, wanted)
        except UnwritableError:
            return Node(UNREADABLE, node.mark)

    def cel(self, node: Node, wanted: Wanted = TEXT) -> str:
        """The CEL text of a value.

        Raises:
            UnwritableError: it cannot be written.
        """
        return expression_of(self._value(node, wanted))

    def refuse(self, code: str, node: Node, detail: str, fix: str) -> UnwritableError:
        """The error for a value with this problem, which is added."""
        self.problems.add(code, node, detail, fix)
        return UnwritableError()

    def _value(self, node: Node, wanted: Wanted) -> Node | None:
        call = function_of(node)
        if call is not None:
            return self._called(*call, node, wanted)
        if isinstance(node.value, dict) and wanted.is_list_of_maps():
            return Node([self._value(node, wanted.below(0))], node.mark)
        if isinstance(node.value, dict):
            found = {key: self.value(one, wanted.below(key)) for key, one in node.value.items()}
            kept = {key: one for key, one in found.items() if one is not None}
            return Node(kept, node.mark, node.key_marks)
        if isinstance(node.value, list):
            items = (self.value(one, wanted.below(number)) for number, one in enumerate(node.value))
            return Node([one for one in items if one is not None], node.mark)
        if isinstance(node.value, str) and has_dynamic(node.value):
            made = converted(self.resolved(escaped(node.value), node), "string", wanted)
            return Node(made, node.mark, None, made)
        return literal(node, wanted)

    def _called(self, name: str, argument: Node, node: Node, wanted: Wanted) -> Node | None:
        if name == "Ref" and argument.value == "AWS::NoValue":
            return None
        if name == "Fn::If":
            return self._choice(argument, wanted)
        write = self.functions.get(name)
        if write is None:
            raise self._unknown(name, node)
        text, kind = write(self, argument)
        if has_dynamic(text):
            text = self.resolved(text, node)
        made = converted(text, kind, wanted)
        if "${" not in made.replace("$${", ""):
            plain = Node(made.replace("$${", "${"), node.mark, None, argument.text)
            return literal(plain, wanted)
        return Node(made, node.mark, None, made)

    def _choice(self, argument: Node, wanted: Wanted) -> Node:
        name, yes, no = self.arguments("Fn::If", argument, 3, 3)
        condition = self.names.condition(self.plain("Fn::If", name), name)
        branches = self.value(yes, wanted), self.value(no, wanted)
        if condition is None:
            raise UnwritableError
        return Node(Choice(condition=condition, yes=branches[0], no=branches[1]), argument.mark)

    def _unknown(self, name: str, node: Node) -> UnwritableError:
        why = UNSUPPORTED.get(name)
        if why is not None:
            return self.refuse("template-unsupported", node, f"{name}: {why[0]}.", why[1])
        return self.refuse(
            "bad-template", node, f"CloudFormation has no function {quoted(name)}.", "Correct it."
        )

    def resolved(self, text: str, node: Node) -> str:
        """The template of a scalar, with its dynamic references as secrets."""
        try:
            return resolved(text)
        except DynamicError as error:
            raise self.refuse("bad-template", node, error.detail, error.fix) from None
        except ExpressionError as error:
            raise self.refuse(error.code, node, error.detail, error.fix) from None

    # --- arguments

    def arguments(self, name: str, argument: Node, least: int, most: int) -> list[Node]:
        """The arguments of a function that takes a list of them."""
        items = argument.value
        if not isinstance(items, list) or not least <= len(items) <= most:
            number = f"{least}" if least == most else f"{least} to {most}"
            given = f"{len(items)} of them" if isinstance(items, list) else kind_name(items)
            raise self.refuse(
                "bad-template",
                argument,
                f"{name} takes a list of {number} arguments; this is {given}.",
                "Write what AWS's reference of intrinsic functions says.",
            )
        return items

    def plain(self, name: str, node: Node) -> str:
        """A text that must be written out."""
        if not isinstance(node.value, str):
            raise self.refuse(
                "bad-template",
                node,
                f"{name} wants a name here, written out; this is {kind_name(node.value)}.",
                "Write the name.",
            )
        return node.value

    def bounded(self, text: str, node: Node) -> str:
        """The text, if it is not too long: texts in texts can grow without end."""
        if len(text) > _LONGEST:
            raise self.refuse(
                "bad-template",
                node,
                f"The value has more than {_LONGEST:,} characters.",
                "Use fewer values inside of each other.",
            )
        return text

    def text(self, node: Node) -> str:
        """The value as the template of a text, to be put beside others."""
        found = self._value(node, TEXT)
        if found is not None and isinstance(found.value, str):
            return found.value
        return f"${{{expression_of(found)}}}"


def function_of(node: Node) -> tuple[str, Node] | None:
    """The name of the function and its argument; None where the value is no call."""
    value = node.value
    if isinstance(value, dict) and len(value) == 1:
        ((name, argument),) = value.items()
        if name == "Ref" or name.startswith("Fn::"):
            return name, argument
    return None
