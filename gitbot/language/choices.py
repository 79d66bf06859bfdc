"""Values that depend on a condition, as templates have them: ``Fn::If`` with maps and lists inside. Pure.

A branch keeps its positions, which an expression could not. The branch is picked when the condition is
known; where only the cloud can tell it, the whole becomes one expression.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any, Final

from gitbot.language.nodes import NOT_LITERAL, Choice, Node
from gitbot.language.scope import PLACEHOLDER
from gitbot.language.templates import has_template, parse_template
from gitbot.language.trees import TreeEvaluator
from gitbot.language.written import Written
from gitbot.model.values import Sensitive, Unknown

UNREADABLE: Final = Unknown(template="${unreadable}", inputs={"": {"": PLACEHOLDER}})
"""Stands for a value that has a problem, and fits wherever it stands."""


class UnwritableError(Exception):
    """A value cannot be written; its problem has been added."""


def settled(one: Written, evaluator: TreeEvaluator) -> Written:
    """The entry with each choice replaced by the branch that counts."""
    node = one.properties
    if node is None:
        return one
    found = _settle(node, evaluator)
    entries = {**one.node.value, "properties": found or Node({}, node.mark, {})}
    return replace(one, node=Node(entries, one.node.mark, one.node.key_marks))


def _settle(node: Node, evaluator: TreeEvaluator) -> Node | None:
    """The node without choices; None for no value."""
    if node.literal is not NOT_LITERAL:
        return node
    value = node.value
    if isinstance(value, Choice):
        verdict = evaluator.evaluate(Node(f"${{{value.condition}}}", node.mark))
        verdict = verdict.value if isinstance(verdict, Sensitive) else verdict
        if not isinstance(verdict, bool):
            return _as_expression(node)
        branch = value.yes if verdict else value.no
        return None if branch is None else _settle(branch, evaluator)
    if isinstance(value, dict):
        found = {key: _settle(child, evaluator) for key, child in value.items()}
        kept = {key: child for key, child in found.items() if child is not None}
        return Node(kept, node.mark, node.key_marks)
    if isinstance(value, list):
        items = (_settle(child, evaluator) for child in value)
        return Node([child for child in items if child is not None], node.mark)
    return node


def parted(node: Node) -> Node:
    """A choice between maps as a map of choices, in which each key has its own; others as they are."""
    if not isinstance(node.value, Choice):
        return node
    yes, no = (
        parted(Node({}, node.mark, {}) if one is None else one)
        for one in (node.value.yes, node.value.no)
    )
    if not (yes.is_map and no.is_map):
        return node
    marks = {**(no.key_marks or {}), **(yes.key_marks or {})}
    entries = {
        key: Node(
            Choice(condition=node.value.condition, yes=yes.get(key), no=no.get(key)),
            marks.get(key, node.mark),
        )
        for key in {**yes.value, **no.value}
    }
    return Node(entries, node.mark, marks)


def spelled(node: Node) -> Node:
    """The node with each choice as an expression."""
    value = node.value
    if isinstance(value, Choice):
        return _as_expression(node)
    if isinstance(value, dict):
        entries = {key: spelled(child) for key, child in value.items()}
        return Node(entries, node.mark, node.key_marks)
    if isinstance(value, list):
        if any(_may_lack(child) for child in value):
            return _as_expression(node)
        return Node([spelled(child) for child in value], node.mark)
    return node


def _as_expression(node: Node) -> Node:
    """The choice, or the list with choices in it, as an expression."""
    try:
        text = expression_of(node)
        # The parentheses are needed inside of other expressions only.
        return Node(f"${{{text[1:-1] if text.startswith('(') else text}}}", node.mark)
    except UnwritableError:
        return Node(UNREADABLE, node.mark)


def expression_of(node: Node | None) -> str:
    """The CEL text that gives what the node gives; ``null`` for no value.

    Raises:
        UnwritableError: a part of it is ``UNREADABLE``.
    """
    if node is None:
        return "null"
    value: Any = node.value
    if isinstance(value, Choice):
        return f"({value.condition} ? {expression_of(value.yes)} : {expression_of(value.no)})"
    if isinstance(value, dict):
        inside = (f"{quoted_text(key)}: {expression_of(child)}" for key, child in value.items())
        return f"{{{', '.join(inside)}}}"
    if isinstance(value, list):
        return _list(value)
    if isinstance(value, str):
        return _text(value)
    if value is UNREADABLE:
        raise UnwritableError
    return json.dumps(value)


def _may_lack(node: Node) -> bool:
    value = node.value
    return isinstance(value, Choice) and (value.yes is None or value.no is None)


def _list(items: list[Node]) -> str:
    """The list, of which elements with no value are no part."""
    groups: list[str] = []
    plain: list[str] = []
    for one in items:
        if not _may_lack(one):
            plain.append(expression_of(one))
            continue
        if plain:
            groups.append(f"[{', '.join(plain)}]")
            plain = []
        yes, no = (_optional(branch) for branch in (one.value.yes, one.value.no))
        groups.append(f"({one.value.condition} ? {yes} : {no})")
    if plain or not groups:
        groups.append(f"[{', '.join(plain)}]")
    return " + ".join(groups) if len(groups) == 1 else f"({' + '.join(groups)})"


def _optional(branch: Node | None) -> str:
    return "[]" if branch is None else f"[{expression_of(branch)}]"


def _text(text: str) -> str:
    if not has_template(text):
        return quoted_text(text)
    template = parse_template(text)
    if template.single is not None:
        return _grouped(template.single.text)
    parts = (
        quoted_text(part) if isinstance(part, str) else f"string({part.text})"
        for part in template.parts
    )
    return f"({' + '.join(parts)})" if len(template.parts) > 1 else "".join(parts)


_LITERAL: Final = re.compile(r"\"[^\"\\\n]*\"")
_OPERATORS: Final = frozenset("?:+-*/%=!<>&|")


def _grouped(text: str) -> str:
    """The expression in parentheses, if something beside it could tear it apart."""
    return f"({text})" if _OPERATORS & set(_LITERAL.sub("", text)) else text


def quoted_text(text: str) -> str:
    """The text as a literal of CEL: over several lines as it is, where that is possible."""
    if "\n" in text and "'''" not in text and not text.endswith("'") and "\r" not in text:
        return f"r'''{text}'''"
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
