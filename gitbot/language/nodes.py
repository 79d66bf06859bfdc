"""YAML values with their line and column. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

Mark: TypeAlias = tuple[int, int]
"""1-based line and column."""

Scalar: TypeAlias = "bool | int | float | str | None"


class Node:
    """One YAML value: ``value`` is a scalar, a list of nodes, or a dict of nodes by key.

    ``key_marks`` holds the places of a map's keys; ``text`` is a scalar as it is written, None for
    other values. A plain class with slots: a large tree has hundreds of thousands of nodes.
    """

    __slots__ = ("key_marks", "mark", "text", "value")

    def __init__(
        self,
        value: Any,
        mark: Mark,
        key_marks: dict[str, Mark] | None = None,
        text: str | None = None,
    ) -> None:
        self.value = value
        self.mark = mark
        self.key_marks = key_marks
        self.text = text

    def __repr__(self) -> str:
        return f"Node({self.value!r}, {self.mark})"

    @property
    def is_map(self) -> bool:
        """Whether the value is a map."""
        return isinstance(self.value, dict)

    @property
    def is_list(self) -> bool:
        """Whether the value is a list."""
        return isinstance(self.value, list)

    def get(self, *keys: str) -> Node | None:
        """The node below these map keys, None where a key is missing or something is no map."""
        node: Node | None = self
        for key in keys:
            if node is None or not isinstance(node.value, dict):
                return None
            node = node.value.get(key)
        return node

    def key_mark(self, key: str) -> Mark:
        """The place of the key, or of the map when it has no such key."""
        return (self.key_marks or {}).get(key, self.mark)

    def items(self) -> Iterator[tuple[str, Node]]:
        """A map's entries in the order of the file; nothing for other values."""
        if isinstance(self.value, dict):
            yield from self.value.items()

    def texts(self) -> Iterator[str]:
        """Every string value of this node and those below, in no particular order."""
        stack = [self.value]
        while stack:
            value = stack.pop()
            if type(value) is str:
                yield value
            elif type(value) is dict:
                stack += [node.value for node in value.values()]
            elif type(value) is list:
                stack += [node.value for node in value]

    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


def _reach(root: Node, path: Sequence[str | int]) -> tuple[Node, bool]:
    """The node at ``path`` or its nearest parent, and whether it is the one asked for."""
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
    """The text of the scalar at ``path``, None where the file has none there."""
    node, found = _reach(root, path)
    return node.text if found else None


def place_of(root: Node, path: Sequence[str | int]) -> Mark:
    """Where the value at ``path`` stands, or its nearest parent that the file has."""
    return _reach(root, path)[0].mark


def key_place_of(root: Node, path: Sequence[str | int], key: str) -> Mark:
    """Where the key of the map at ``path`` stands; its nearest parent when the file lacks it."""
    node, found = _reach(root, path)
    return node.key_mark(key) if found else node.mark


def kind_name(value: object) -> str:
    """What the value is, in the words of the documentation."""
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
