"""Changes entries of maps and lists in brackets: each function gives texts to choose from. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gitbot.language.editing import lines
from gitbot.language.editing.literals import flow, scalar
from gitbot.language.editing.pieces import BREAK, Piece

_COMMA = re.compile(r"[ \t]*,")


def entry_text(key: str | None, value: Any) -> str:
    """One entry as it stands within brackets; ``key`` is None in a list."""
    return flow(value) if key is None else f"{scalar(key, within=True)}: {flow(value)}"


def inserted(text: str, piece: Piece, at: int, key: str | None, value: Any) -> Iterator[str]:
    """The text with a new entry before that with the index ``at``."""
    new = entry_text(key, value)
    if not piece.entries:
        yield text[: piece.start + 1] + new + text[piece.end - 1 :]
    elif at > 0:
        yield from _behind(text, piece, at, new)
    else:
        first = piece.entries[0].start
        if lines.begins_line(text, first):
            start = lines.line_start(text, first)
            indent = text[start:first]
            yield text[:start] + indent + new + "," + lines.break_of(text) + text[start:]
        yield text[:first] + new + ", " + text[first:]


def _behind(text: str, piece: Piece, at: int, new: str) -> Iterator[str]:
    before = piece.entries[at - 1]
    end = before.piece.end
    if lines.begins_line(text, before.start):
        indent = lines.line_break_indent(text, before.start)
        comma = _COMMA.match(text, end)
        behind = comma.end() if comma else end
        if lines.ends_line(text, behind):
            stop = _content_end(text, behind)
            mark, tail = ("", ",") if comma else (",", "")
            yield text[:end] + mark + text[end:stop] + indent + new + tail + text[stop:]
    yield text[:end] + ", " + new + text[end:]


def _content_end(text: str, at: int) -> int:
    found = re.compile(BREAK).search(text, at)
    return found.start() if found else len(text)


def removed(text: str, piece: Piece, at: int) -> Iterator[str]:
    """The text without the entry with the index ``at``."""
    entry = piece.entries[at]
    if len(piece.entries) == 1:
        yield text[: piece.start + 1] + text[piece.end - 1 :]
        return
    comma = _COMMA.match(text, entry.piece.end)
    behind = comma.end() if comma else entry.piece.end
    alone = lines.begins_line(text, entry.start) and lines.ends_line(text, behind)
    if alone:
        start, end = lines.line_start(text, entry.start), lines.line_end(text, behind)
        if not comma:
            yield _without_comma(text[:start], piece, at) + text[end:]
        yield text[:start] + text[end:]
    if at + 1 < len(piece.entries):
        yield text[: entry.start] + text[piece.entries[at + 1].start :]
    else:
        yield text[: piece.entries[at - 1].piece.end] + text[entry.piece.end :]


def _without_comma(head: str, piece: Piece, at: int) -> str:
    """The text before the last entry, without the comma that parted them."""
    end = piece.entries[at - 1].piece.end
    return head[:end] + _COMMA.sub("", head[end:], count=1)
