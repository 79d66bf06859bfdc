"""YAML data that remembers where it stands. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

Mark: TypeAlias = tuple[int, int]
"""1-based line and column."""

Scalar: TypeAlias = "bool | int | float | str | None"


class Node:
    """One YAML value: ``value`` is a scalar, a list of nodes, or a dict of nodes by key.

    ``key_marks`` holds the places of a map's keys. A plain class with slots: a large tree has
    hundreds of thousands of nodes.
    """

    __slots__ = ("key_marks", "mark", "value")

    def __init__(self, value: Any, mark: Mark, key_marks: dict[str, Mark] | None = None) -> None:
        self.value = value
        self.mark = mark
        self.key_marks = key_marks

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
        """Where the key stands; the map itself for a key that it does not have."""
        return (self.key_marks or {}).get(key, self.mark)

    def items(self) -> Iterator[tuple[str, Node]]:
        """A map's entries in the order of the file; nothing for other values."""
        if isinstance(self.value, dict):
            yield from self.value.items()

    def walk(self) -> Iterator[Node]:
        """This node and every one below, in the order of the file."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            if isinstance(node.value, dict):
                stack.extend(reversed(node.value.values()))
            elif isinstance(node.value, list):
                stack.extend(reversed(node.value))

    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


def place_of(root: Node, path: Sequence[str | int]) -> Mark:
    """Where the value at ``path`` stands, or its nearest parent that the file has.

    A map entry's place is its value's.
    """
    node = root
    for step in path:
        if isinstance(node.value, dict) and step in node.value:
            node = node.value[step]
        elif isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
        else:
            break
    return node.mark


def key_place_of(root: Node, path: Sequence[str | int], key: str) -> Mark:
    """Where the key of the map at ``path`` stands; the map's place when it lacks the key."""
    node = root
    for step in path:
        if isinstance(node.value, dict) and step in node.value:
            node = node.value[step]
        elif isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
        else:
            return node.mark
    return node.key_mark(key)


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
