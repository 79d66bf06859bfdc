"""Writes conflicts into the file as comments, where nothing else could be shown. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from gitbot.language.editing.lines import break_of
from gitbot.language.editing.pieces import EditError, documents_of
from gitbot.language.editing.splices import same


def with_remarks(text: str, remarks: Iterable[tuple[int, str]]) -> str:
    """The text with a comment above each of these lines, counted from 1.

    A comment that would become a part of a value stands on top of the file.
    """
    for line, remark in sorted(remarks, reverse=True):
        text = _with_remark(text, line, remark)
    return text


def _with_remark(text: str, line: int, remark: str) -> str:
    lines = text.splitlines(keepends=True)
    at = lines[line - 1] if 0 < line <= len(lines) else ""
    indent = at[: len(at) - len(at.lstrip(" "))]
    comment = f"# {' '.join(remark.split())}{break_of(text)}"
    placed = "".join([*lines[: line - 1], indent + comment, *lines[line - 1 :]])
    return placed if _means(placed, text) else comment + text


def _means(one: str, other: str) -> bool:
    try:
        return same(documents_of(one), documents_of(other))
    except EditError:
        return False
