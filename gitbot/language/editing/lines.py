"""Says where the lines of a text begin and end, and how they are indented. Pure."""

from __future__ import annotations

import re
from typing import Final

from gitbot.language.editing.pieces import BREAK, Piece

_BREAK = re.compile(BREAK)
_REST: Final = re.compile(r"[ \t]*(?:#[^\r\n\x85\u2028\u2029]*)?\Z")


def line_start(text: str, at: int) -> int:
    """Where the line of ``at`` begins."""
    while at > 0 and text[at - 1] not in "\r\n\x85\u2028\u2029":
        at -= 1
    return at


def line_end(text: str, at: int) -> int:
    """Where the next line begins; the length of the text when there is none."""
    found = _BREAK.search(text, at)
    return found.end() if found else len(text)


def column_of(text: str, at: int) -> int:
    """The column of ``at``, from 0."""
    return at - line_start(text, at)


def begins_line(text: str, at: int) -> bool:
    """Whether only blanks stand before ``at`` on its line."""
    return not text[line_start(text, at) : at].strip(" \t")


def ends_line(text: str, at: int) -> bool:
    """Whether only blanks and a comment stand behind ``at`` on its line."""
    found = _BREAK.search(text, at)
    return _REST.match(text[at : found.start() if found else len(text)]) is not None


def break_of(text: str) -> str:
    """The line break that the text uses; a line feed when it has none."""
    found = _BREAK.search(text)
    return found.group() if found else "\n"


def has_last_break(text: str) -> bool:
    """Whether the text ends with a line break."""
    return not text or text[-1] in "\r\n\x85\u2028\u2029"


def comment_lines_above(text: str, at: int) -> int:
    """Where the comments begin that stand directly above the line of ``at`` and are indented as it.

    It is the beginning of that line when there are none.
    """
    start = line_start(text, at)
    column = at - start
    while start > 0:
        above = line_start(text, start - 1 - (text[start - 2 : start] == "\r\n"))
        line = text[above:start]
        if not line.startswith(" " * column + "#"):
            return start
        start = above
    return start


def map_step(text: str, document: Piece) -> int:
    """By how many columns the document indents a map within a map, mostly; 2 when it has none."""
    return _mostly([step for is_list, step in _steps(text, document) if not is_list], 2)


def list_step(text: str, document: Piece) -> int:
    """By how many columns the document indents a list within a map, mostly; else as maps."""
    steps = [step for is_list, step in _steps(text, document) if is_list]
    return _mostly(steps, map_step(text, document))


def _mostly(steps: list[int], otherwise: int) -> int:
    return max(steps, key=steps.count, default=otherwise)


def _steps(text: str, piece: Piece) -> list[tuple[bool, int]]:
    found = []
    for one in piece.entries:
        if one.key is not None and one.piece.is_block and piece.is_block:
            step = column_of(text, one.piece.start) - column_of(text, one.start)
            found.append((isinstance(one.piece.plain, list), step))
        found.extend(_steps(text, one.piece))
    return found


def line_break_indent(text: str, at: int) -> str:
    """A line break and the blanks before ``at`` on its line."""
    start = line_start(text, at)
    return break_of(text) + text[start:at]
