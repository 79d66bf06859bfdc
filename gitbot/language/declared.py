"""One resource's properties as written and as evaluated, with their places. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from gitbot.language.nodes import Mark, Node, key_place_of, place_of
from gitbot.language.types import ResourceType
from gitbot.model.values import Value

Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """One resource's properties: as written (``node``, None when there are none), and evaluated.

    ``home`` is the place of the resource, for what has no place of its own.
    """

    key: str
    type: ResourceType
    node: Node | None
    home: Mark
    properties: Mapping[str, Value]

    def value_at(self, path: Sequence[str | int]) -> Any:
        """The evaluated value at the path, None where there is none."""
        value: Any = self.properties
        for step in path:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def place(self, path: Sequence[str | int]) -> Mark:
        """Where the value stands; the resource for a top-level one that the file lacks."""
        if self.node is None or (not path) or self.node.get(str(path[0])) is None:
            return self.home
        return place_of(self.node, path)

    def key_place(self, path: Sequence[str | int], key: str) -> Mark:
        """Where the key stands."""
        return self.home if self.node is None else key_place_of(self.node, path, key)


def spell(path: Iterable[str | int]) -> str:
    """``Rules[0].Status``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text
