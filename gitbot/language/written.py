"""One resource, or one use of a module, as its spec has it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitbot.language.nodes import NOT_LITERAL, Mark, Node
from gitbot.language.problems import Problems
from gitbot.language.types import ResourceType


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One entry of ``resources``, as written.

    ``problems`` are those of the file that it stands in. ``type_name`` is empty for a module.
    ``type`` is None for a module too, and where the type is not known.
    """

    key: str
    node: Node
    home: Mark
    fields: Mapping[str, Any]
    problems: Problems
    type_name: str
    type: ResourceType | None

    @property
    def properties(self) -> Node | None:
        """The node of the properties; None when there are none."""
        return self.node.get("properties")

    @property
    def is_literal(self) -> bool:
        """Whether no expression stands in it: then all of its values are plain and known."""
        return self.node.literal is not NOT_LITERAL

    @property
    def module(self) -> str | None:
        """The module that it uses; None for a resource."""
        found = self.fields.get("module")
        return found if isinstance(found, str) else None

    @property
    def for_each(self) -> Node | None:
        """What it is copied for; None when there is one."""
        return self.node.get("forEach")

    @property
    def when(self) -> Node | None:
        """Whether there is any; None for always."""
        return self.node.get("when")

    @property
    def is_plain(self) -> bool:
        """Whether it is one resource, always: most are."""
        written = self.node.value  # asked several times for each of thousands of resources
        return "forEach" not in written and "when" not in written and self.module is None

    @property
    def is_copied(self) -> bool:
        """Whether its addresses have a key in brackets."""
        return self.for_each is not None
