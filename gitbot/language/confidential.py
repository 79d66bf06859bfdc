"""Finds the sensitive values of a file, and keeps them out of its diagnostics. Pure."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from gitbot.language.documents import Document
from gitbot.language.nodes import Node
from gitbot.language.templates import Expression, ExpressionError, parse_template
from gitbot.model.desired import DesiredStack
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.secrets import Secrets, secret_texts
from gitbot.model.values import Sensitive, Value, is_sensitive, leaves

MOST_SECRETS: Final = 500
Lines: TypeAlias = tuple[int, int]
"""The first and the last line of a part of a file, from 1."""
_LAST_LINE = 1_000_000_000
_LITERAL = re.compile(r"'([^'\\]*)'|\"([^\"\\]*)\"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Confidential:
    """The sensitive values of one file, and the lines that hold them."""

    secrets: Secrets = field(default_factory=Secrets)
    lines: tuple[Lines, ...] = ()

    def cleaned(self, found: Diagnostic) -> Diagnostic:
        """The diagnostic without any sensitive value."""
        if found.code.startswith("yaml-") and covers(self.lines, found.line):
            # It quotes what it could not read: then the value is not known as such.
            return replace(
                found,
                detail="What is wrong is not shown, because a sensitive value is written here.",
            )
        return replace(
            found, detail=self.secrets.hide(found.detail), fix=self.secrets.hide(found.fix)
        )


def covers(lines: Iterable[Lines], line: int) -> bool:
    """Whether the line is one of these."""
    return any(first <= line <= last for first, last in lines)


def confidential(
    text: str,
    documents: Sequence[Document],
    stacks: Sequence[DesiredStack],
    more: Sequence[Node] = (),
    *,
    whole: bool,
) -> Confidential:
    """The sensitive values of the file with this text.

    ``more`` are nodes that hold values of sensitive variables of modules. ``whole``: the documents are all that the file holds. Otherwise, if the file says "sensitive",
    all of its lines count: the value may be in the part that could not be read.
    """
    nodes = [*more, *(node for one in documents for node in _sensitive_nodes(one.node))]
    found = {text for node in nodes for text in _written(node)}
    for stack in (one for one in stacks if one.sensitive):
        for resource in stack.resources.values():
            found |= _marked(resource.properties)
        for output in stack.outputs.values():
            found |= _marked(output.value)
    marks = sorted({line for one in documents for line in _mark_lines(one.node)}) if nodes else []
    lines = tuple(_lines(node, marks) for node in nodes)
    if not whole and ("sensitive" in text or "NoEcho" in text):
        lines = ((1, _LAST_LINE),)
    return Confidential(secrets=Secrets(texts=frozenset(found)), lines=lines)


def _marked(value: Value | Mapping[str, Value]) -> set[str]:
    return {
        text
        for leaf in (leaves(value) if is_sensitive(value) else ())
        if isinstance(leaf, Sensitive)
        for text in secret_texts(leaf.value)
    }


def _sensitive_nodes(document: Node) -> Iterator[Node]:
    """The nodes that hold sensitive values, as far as the document says so.

    A declaration with a wrong shape counts as sensitive if it has the word.
    """
    declared = document.get("spec", "variables")
    values = document.get("spec", "values")
    names = {name for name, node in _items(declared) if _says_so(node)}
    for name in sorted(names):
        for node in (document.get("spec", "variables", name, "default"), _get(values, name)):
            if node is not None:
                yield node
    if names:
        # A misspelt name gives its value to no variable, and the value is still sensitive.
        known = {name for name, _ in _items(declared)}
        yield from (node for name, node in _items(values) if name not in known)
    for _, output in _items(document.get("spec", "outputs")):
        node = output.get("value")
        if node is not None and _says_so(output):
            yield node


def _items(node: Node | None) -> Iterable[tuple[str, Node]]:
    return () if node is None else node.items()


def _get(node: Node | None, name: str) -> Node | None:
    return None if node is None else node.get(name)


def _says_so(node: Node) -> bool:
    flag = node.get("sensitive")
    return flag is not None and flag.value is not False


def _written(node: Node) -> Iterator[str]:
    """The texts of the scalars in the node: evaluated, as written, and the texts in expressions.

    A text that names a secret is none of them: people must see which secret is used for what, and
    the value does not stand in the file.
    """
    for scalar in _scalars(node):
        text = scalar.text or ""
        if _names_a_secret(text):
            continue
        yield from secret_texts(scalar.plain())
        yield from secret_texts(text)
        if "${" in text:
            yield from _literals(text)


def _literals(text: str) -> Iterator[str]:
    for found in _LITERAL.finditer(text):
        yield from secret_texts(found[1] or found[2] or "")


def _names_a_secret(text: str) -> bool:
    if "secret" not in text:
        return False
    try:
        template = parse_template(text)
    except ExpressionError:
        return False
    return any(part.secrets for part in template.parts if isinstance(part, Expression))


def _scalars(node: Node) -> Iterator[Node]:
    if node.is_list:
        for child in node.value:
            yield from _scalars(child)
    elif node.is_map:
        for _, child in node.items():
            yield from _scalars(child)
    else:
        yield node


def _lines(node: Node, marks: Sequence[int]) -> Lines:
    """The lines of the node: up to the line before the next thing in the file.

    ``marks`` are the lines on which something starts, sorted.
    """
    last = max(child.mark[0] for child in (node, *_scalars(node)))
    after = bisect.bisect_right(marks, last)
    return node.mark[0], marks[after] - 1 if after < len(marks) else _LAST_LINE


def _mark_lines(node: Node) -> Iterator[int]:
    yield node.mark[0]
    if node.is_list:
        for child in node.value:
            yield from _mark_lines(child)
    for name, child in node.items():
        yield node.key_mark(name)[0]
        yield from _mark_lines(child)
