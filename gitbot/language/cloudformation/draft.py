"""A template while it is written as a module. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gitbot.language.choices import UnwritableError
from gitbot.language.cloudformation.names import Names
from gitbot.language.cloudformation.refusals import is_loop
from gitbot.language.cloudformation.writer import Writer
from gitbot.language.nodes import Mark, Node
from gitbot.language.problems import Problems
from gitbot.language.types import Types


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One template while it is written."""

    node: Node
    names: Names
    writer: Writer
    types: Types
    problems: Problems

    def section(self, name: str) -> Node:
        """The map of this name; an empty one, where there is none or it is no map."""
        found = self.node.get(name)
        if found is not None and found.is_map:
            # A loop was refused before; what it would make is not there.
            plain = {key: one for key, one in found.items() if not is_loop(key)}
            return Node(plain, found.mark, found.key_marks)
        if found is not None and found.value is not None:
            self.problems.add(
                "bad-template", found, f"{name} must be a map.", "Write each entry with its name."
            )
        return Node({}, self.node.mark, {})


class Map:
    """A map while it is made."""

    def __init__(self, mark: Mark) -> None:
        self._mark = mark
        self._entries: dict[str, Node] = {}
        self._marks: dict[str, Mark] = {}

    def put(self, key: str, node: Node, mark: Mark | None = None) -> None:
        """Set an entry, whose key stands at the mark or else where its value does."""
        self._entries[key] = node
        self._marks[key] = node.mark if mark is None else mark

    def node(self) -> Node:
        """The map as it is now."""
        return Node(dict(self._entries), self._mark, dict(self._marks))


def plain_name(template: Template, field: str, node: Node) -> str:
    """The name that the field has; empty, with a problem added, where it is no text."""
    try:
        return template.writer.plain(field, node)
    except UnwritableError:
        return ""
