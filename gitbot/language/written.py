"""One resource as its spec has it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitbot.language.nodes import Mark, Node
from gitbot.language.types import ResourceType


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One resource as written. ``type`` is None when the type is not known."""

    key: str
    node: Node
    home: Mark
    fields: Mapping[str, Any]
    type_name: str
    type: ResourceType | None
    depends_on: frozenset[str] = frozenset()

    @property
    def properties(self) -> Node | None:
        """The node of the properties; None when there are none."""
        return self.node.get("properties")
