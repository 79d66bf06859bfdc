"""The properties of one resource, as written and as evaluated, with their positions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from gitbot.language.nodes import Mark, Node, key_place_of, place_of, written_at
from gitbot.language.templates import ExpressionError, has_template, parse_template
from gitbot.language.types import ResourceType
from gitbot.model.values import Sensitive, Unknown, Value

Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """The properties of one resource, as written (``node``) and as evaluated (``properties``).

    ``node`` is None when the resource has no properties. ``home`` is the position of the resource:
    it stands in for positions that the file does not have. ``origins`` says where the values of
    names such as ``vars.ami`` come from. ``is_literal``: no expression stands in the properties, so that
    none is unknown or sensitive.
    """

    key: str
    type: ResourceType
    node: Node | None
    home: Mark
    properties: Mapping[str, Value]
    origins: Mapping[tuple[str, str], str] = field(default_factory=dict)
    is_literal: bool = False

    def value_at(self, path: Sequence[str | int]) -> Any:
        """The evaluated value at the path; None when there is none."""
        value: Any = self.properties
        for step in path:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def concealed_at(self, path: Sequence[str | int]) -> int | None:
        """How many steps of the path lead to a sensitive value; None when none is on the path."""
        value: Any = self.properties
        for number, step in enumerate((*path, None)):
            if is_concealed(value):
                return number
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return None
        return None

    def place(self, path: Sequence[str | int]) -> Mark:
        """The position of the value; that of the resource when the file lacks the property."""
        if self.node is None or (not path) or self.node.get(str(path[0])) is None:
            return self.home
        return place_of(self.node, path)

    def written(self, path: Sequence[str | int]) -> str | None:
        """The scalar at the path as the file has it; None when there is none."""
        return None if self.node is None else written_at(self.node, path)

    def origin(self, path: Sequence[str | int]) -> str:
        """A sentence, after a space, that says where the value of an expression comes from.

        Empty when there is no expression at the path.
        """
        text = self.written(path)
        if text is None or not has_template(text):
            return ""
        try:
            used = parse_template(text).names.selected
        except ExpressionError:
            return ""
        found = [self.origins[name] for name in sorted(used) if name in self.origins]
        return f" The value comes from {' and '.join(found)}." if found else ""

    def key_place(self, path: Sequence[str | int], key: str) -> Mark:
        """The position of the key."""
        return self.home if self.node is None else key_place_of(self.node, path, key)


def is_concealed(value: Value) -> bool:
    """Whether the value itself, not only a part of it, is sensitive."""
    return isinstance(value, Sensitive) or (isinstance(value, Unknown) and value.sensitive)


def spell(path: Iterable[str | int]) -> str:
    """The path as people write it: ``Rules[0].Status``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text
