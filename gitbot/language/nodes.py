"""YAML values with their positions in the file. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

Mark: TypeAlias = tuple[int, int]
"""A position in a file: line and column, from 1."""

Scalar: TypeAlias = "bool | int | float | str | None"

NOT_LITERAL: Final = object()
"""Stands for the literal of a node that has none."""


class Node:
    """One YAML value: ``value`` is a scalar, a list of nodes, or a dict of nodes by key.

    ``key_marks`` holds the positions of a map's keys. ``text`` is a scalar as written, and None for
    other values; ``text_column`` is where its first character stands, when it is on one line.
    ``literal`` is the value without positions, if evaluating it gives just that: if no text in it has
    ``${``, and no key a ``$``. Else it is ``NOT_LITERAL``. Most nodes have a literal, and nobody needs to
    look for expressions in them; but it is shared by all who evaluate the node, and never changed.

    It is a plain class with slots because a large tree has hundreds of thousands of nodes.
    """

    __slots__ = ("key_marks", "literal", "mark", "text", "text_column", "value")

    def __init__(
        self,
        value: Any,
        mark: Mark,
        key_marks: dict[str, Mark] | None = None,
        text: str | None = None,
        text_column: int | None = None,
    ) -> None:
        self.value = value
        self.mark = mark
        self.key_marks = key_marks
        self.text = text
        self.text_column = text_column
        kind = type(value)
        if kind is str:
            self.literal: Any = NOT_LITERAL if "${" in value else value
        elif kind is dict:
            self.literal = _literal_map(value)
        elif kind is list:
            items = [one.literal for one in value]
            self.literal = NOT_LITERAL if NOT_LITERAL in items else items
        else:
            self.literal = value if kind in _LEAVES else NOT_LITERAL

    def __repr__(self) -> str:
        return f"Node({self.value!r}, {self.mark})"

    def mark_inside(self, at: int) -> Mark:
        """The position of the character ``at`` of the text, from 0; else that of the value.

        Escapes before it count as the characters that they stand for.
        """
        line, column = self.mark
        return (line, column if self.text_column is None else self.text_column + at)

    @property
    def is_map(self) -> bool:
        """Whether the value is a map."""
        return isinstance(self.value, dict)

    @property
    def is_list(self) -> bool:
        """Whether the value is a list."""
        return isinstance(self.value, list)

    def get(self, *keys: str) -> Node | None:
        """The node below these keys; None when a key is missing or its parent is not a map."""
        node: Node | None = self
        for key in keys:
            if node is None or not isinstance(node.value, dict):
                return None
            node = node.value.get(key)
        return node

    def key_mark(self, key: str) -> Mark:
        """The position of the key; that of the map when it has no such key."""
        return (self.key_marks or {}).get(key, self.mark)

    def items(self) -> Iterator[tuple[str, Node]]:
        """The entries of a map in file order; none for other values."""
        if isinstance(self.value, dict):
            yield from self.value.items()

    def texts(self) -> list[str]:
        """Every string in this node and below it, in no particular order."""
        found: list[str] = []
        waiting = [self]
        while waiting:
            value = waiting.pop().value
            kind = type(value)
            if kind is str:
                found.append(value)
            elif kind is dict:
                waiting.extend(value.values())
            elif kind is list:
                waiting.extend(value)
            elif kind is Choice:
                waiting.extend(value.parts())
        return found

    def templates(self) -> list[str]:
        """Every string with ``${`` in this node and below it, in no particular order."""
        if self.literal is not NOT_LITERAL:
            return []
        value = self.value
        kind = type(value)
        if kind is str:
            return [value]
        below = value.values() if kind is dict else value if kind is list else ()
        if kind is Choice:
            below = value.parts()
        return [text for one in below if one.literal is NOT_LITERAL for text in one.templates()]

    def plain(self) -> Any:
        """The value without positions."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


_LEAVES: Final = frozenset({int, float, bool, type(None)})


def _literal_map(entries: dict[str, Node]) -> Any:
    found: dict[str, Any] = {}
    for key, child in entries.items():
        if child.literal is NOT_LITERAL or "$" in key:
            return NOT_LITERAL
        found[key] = child.literal
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A value that is one of two, of which a template cannot tell which: ``language/choices.py``.

    ``condition`` is CEL. None: then there is no such value.
    """

    condition: str
    yes: Node | None
    no: Node | None

    def parts(self) -> list[Node]:
        """All nodes in it; the condition as an expression."""
        found = [Node(f"${{{self.condition}}}", (1, 1)), self.yes, self.no]
        return [one for one in found if one is not None]


def _reach(root: Node, path: Sequence[str | int]) -> tuple[Node, bool]:
    """The node at ``path``, or its nearest parent; and whether it is the one at ``path``."""
    node = root
    for step in path:
        below = _child(node, step)
        if below is None:
            return node, False
        node = below
    return node, True


def _child(node: Node, step: str | int) -> Node | None:
    if isinstance(node.value, dict):
        return node.value.get(step)
    if isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
        return node.value[step]  # type: ignore[no-any-return]
    return None


def written_at(root: Node, path: Sequence[str | int]) -> str | None:
    """The text of the scalar at ``path``; None when the file has none there."""
    node, found = _reach(root, path)
    return node.text if found else None


def place_of(root: Node, path: Sequence[str | int]) -> Mark:
    """The position of the value at ``path``, or of its nearest parent that the file has."""
    return _reach(root, path)[0].mark


def key_place_of(root: Node, path: Sequence[str | int], key: str) -> Mark:
    """The position of a key of the map at ``path``, or of the nearest parent that the file has."""
    node, found = _reach(root, path)
    return node.key_mark(key) if found else node.mark


def kind_name(value: object) -> str:
    """The kind of the value, in the words of the documentation: ``a string``."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list() | tuple():
            return "a list"
        case _:
            return "a map"
