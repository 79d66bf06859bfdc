"""Keeps the documents of a file as they were when the file could last be read. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gitbot.language.nodes import Node
from gitbot.language.problems import Problems
from gitbot.language.yaml12 import parse
from gitbot.model.diagnostic import SourceSpan


@dataclass(frozen=True, slots=True)
class Outline:
    """The documents of a file, with positions."""

    path: str
    documents: tuple[Node, ...]

    @classmethod
    def of(cls, path: str, text: str, before: Outline | None = None) -> Outline:
        """The outline of the text; ``before`` while the text cannot be read."""
        problems = Problems(file=path)
        documents = tuple(node for node in parse(text, problems) if node.is_map)
        if before is not None and any(one.code.startswith("yaml-") for one in problems.found):
            return before
        return cls(path, documents)

    def document(self, line: int) -> Node | None:
        """The document of the line, which counts from 0."""
        found = self.documents[0] if self.documents else None
        for one in self.documents:
            if one.mark[0] <= line + 1:
                found = one
        return found

    def place(self, node: Node, *path: str) -> SourceSpan | None:
        """Where the key at ``path`` stands; None when the document does not have it."""
        above = node.get(*path[:-1])
        if above is None or not above.is_map or path[-1] not in above.value:
            return None
        line, column = above.key_mark(path[-1])
        return SourceSpan(file=self.path, line=line, column=column)


def kind_of(document: Node | None) -> str:
    """The document's kind; empty if it says none."""
    node = document.get("kind") if document is not None else None
    return node.value if node is not None and isinstance(node.value, str) else ""


def text_at(node: Node | None, *path: str) -> str:
    """The text at the path; empty when there is none."""
    found = node.get(*path) if node is not None else None
    return found.value if found is not None and isinstance(found.value, str) else ""
