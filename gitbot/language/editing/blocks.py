"""Changes entries of maps and lists in block style: each function gives texts to choose from. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gitbot.language.editing import lines
from gitbot.language.editing.literals import flow, literal_lines, scalar
from gitbot.language.editing.pieces import BREAK, Entry, Piece

_BLANK_LINES = re.compile(rf"(?:[ \t]*{BREAK})+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How the file is written: its line break, and how far it indents maps and lists in maps."""

    line_break: str
    map_step: int
    list_step: int

    @classmethod
    def of(cls, text: str, document: Piece) -> Habits:
        """The habits of the text."""
        return cls(
            line_break=lines.break_of(text),
            map_step=max(lines.map_step(text, document), 1),
            list_step=lines.list_step(text, document),
        )


def is_full(value: Any) -> bool:
    """Whether the value is a map or a list with entries, which block style gives lines of its own."""
    return isinstance(value, (dict, list)) and bool(value)


def value_lines(value: Any, column: int, habits: Habits) -> list[str]:
    """The lines of a map or list with entries, indented by ``column``."""
    found: list[str] = []
    if isinstance(value, dict):
        for key, below in value.items():
            found += entry_lines(key, below, column, habits)
    else:
        for below in value:
            found += entry_lines(None, below, column, habits)
    return found


def entry_lines(key: str | None, value: Any, column: int, habits: Habits) -> list[str]:
    """The lines of one entry, indented by ``column``; ``key`` is None in a list."""
    head = " " * column + ("-" if key is None else f"{scalar(key)}:")
    if is_full(value):
        below = value_lines(value, below_column(key, value, column, habits), habits)
        return [f"{head} {below[0].lstrip(' ')}", *below[1:]] if key is None else [head, *below]
    inside = " " * (column + (2 if key is None else habits.map_step))
    block = literal_lines(value, inside) if isinstance(value, str) else None
    if block is not None:
        return [f"{head} {block[0]}", *block[1:]]
    return [f"{head} {flow(value) if isinstance(value, (dict, list)) else scalar(value)}"]


def below_column(key: str | None, value: Any, column: int, habits: Habits) -> int:
    """The column of the entries of a value whose own entry is at ``column``."""
    if key is None:
        return column + 2
    return column + (habits.list_step if isinstance(value, list) else habits.map_step)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """An entry as another text has it: the comments above it and its lines, without indentation."""

    comments: tuple[str, ...]
    lines: tuple[str, ...]


def written_in(text: str, entry: Entry) -> Written:
    """The entry of a map or list in block style as it is written in the text."""
    column = lines.column_of(text, entry.start)
    start, top = entry.start, entry.start
    if lines.begins_line(text, entry.start):
        start, top = lines.line_start(text, start), lines.comment_lines_above(text, start)
    end = lines.line_end(text, entry.piece.end)
    return Written(
        comments=tuple(line.strip() for line in _lines_of(text[top:start], column)),
        lines=tuple(_lines_of(text[start:end], column)),
    )


def _lines_of(part: str, column: int) -> list[str]:
    """The lines of the text, each with up to ``column`` fewer blanks before it."""
    found = re.split(BREAK, part)
    if found[-1] == "":
        found.pop()
    return [re.sub(rf"^ {{0,{column}}}", "", line) for line in found]


def inserted(
    text: str,
    piece: Piece,
    at: int,
    key: str | None,
    value: Any,
    habits: Habits,
    like: Written | None = None,
) -> Iterator[str]:
    """The text with a new entry before that with the index ``at``; written as ``like``, if given."""
    column = lines.column_of(text, piece.entries[0].start)
    if like is not None:
        indented = [line and " " * column + line for line in (*like.comments, *like.lines)]
        yield from _inserted(text, piece, at, habits.line_break.join(indented), habits)
    fresh = entry_lines(key, value, column, habits)
    yield from _inserted(text, piece, at, habits.line_break.join(fresh), habits)


def _inserted(text: str, piece: Piece, at: int, new: str, habits: Habits) -> Iterator[str]:
    column = lines.column_of(text, piece.entries[0].start)
    if at > 0:
        place = lines.line_end(text, piece.entries[at - 1].piece.end)
        yield _with_lines(text, place, new, habits)
        return
    first = piece.entries[0].start
    if lines.begins_line(text, first):
        yield _with_lines(text, lines.comment_lines_above(text, first), new, habits)
        yield _with_lines(text, lines.line_start(text, first), new, habits)
    else:
        yield text[:first] + new.lstrip(" ") + habits.line_break + " " * column + text[first:]


def _with_lines(text: str, place: int, new: str, habits: Habits) -> str:
    if place == len(text) and not lines.has_last_break(text):
        return text + habits.line_break + new
    return text[:place] + new + habits.line_break + text[place:]


def removed(
    text: str, holder: int, piece: Piece, at: int, habits: Habits, like: Written | None = None
) -> Iterator[str]:
    """The text without the entry with the index ``at``.

    ``holder`` is where its map or list may begin: behind the colon or dash of the entry that holds it.
    The comments above go too where they are those of ``like``.
    """
    entry = piece.entries[at]
    end = lines.line_end(text, entry.piece.end)
    start = lines.line_start(text, entry.start)
    if len(piece.entries) == 1:
        empty = "{}" if isinstance(piece.plain, dict) else "[]"
        yield from emptied(text, holder, piece, empty, habits)
    elif not lines.begins_line(text, entry.start):
        yield _without_first(text, entry, piece.entries[at + 1], habits)
    else:
        above = like.comments if like is not None else ()
        if above and written_in(text, entry).comments[-len(above) :] == above:
            for _ in above:
                start = lines.line_start(text, _before_break(text, start))
        if end == len(text) and not lines.has_last_break(text):
            yield text[: _before_break(text, start)]
        yield text[:start] + text[end:]
        # Blank lines would become part of a text above that keeps its blank lines.
        blank = _BLANK_LINES.match(text, end)
        yield text[:start] + text[blank.end() if blank else end :]


def _before_break(text: str, start: int) -> int:
    return start - 2 if text[start - 2 : start] == "\r\n" else start - 1


def _without_first(text: str, entry: Entry, following: Entry, habits: Habits) -> str:
    """The text without an entry that shares its line with the dash above it."""
    end = lines.line_end(text, entry.piece.end)
    between = text[end : lines.line_start(text, following.start)]
    if not between.strip():
        return text[: entry.start] + text[following.start :]
    return text[: entry.start].rstrip(" ") + habits.line_break + text[end:]


def emptied(text: str, holder: int, piece: Piece, inline: str, habits: Habits) -> Iterator[str]:
    """The text with a map or list in block style replaced by a value on the line of its key."""
    end = lines.line_end(text, piece.end)
    rest = "" if end == len(text) and not lines.has_last_break(text) else habits.line_break
    comment = _comment_behind_key(text, holder, piece)
    space = " " if text[:holder] and not text[:holder].endswith((" ", "\n", "\r")) else ""
    yield text[:holder] + space + inline + comment + rest + text[end:]


def _comment_behind_key(text: str, holder: int, piece: Piece) -> str:
    """The comment on the line of the key, with the blanks before it; empty when there is none."""
    if not lines.ends_line(text, holder):
        return ""
    kept = re.split(BREAK, text[holder : piece.start], maxsplit=1)[0]
    return kept if "#" in kept else ""


def given_block(text: str, entry: Entry, value: Any, habits: Habits) -> Iterator[str]:
    """The text with the entry's value replaced by a map or list in block style."""
    piece = entry.piece
    column = lines.column_of(text, entry.start)
    below = value_lines(value, below_column(entry.key, value, column, habits), habits)
    end = lines.line_end(text, piece.end)
    if piece.is_block:
        comment = _comment_behind_key(text, entry.after, piece)
    else:
        comment = re.split(BREAK, text[piece.end : end], maxsplit=1)[0]
        comment = comment if "#" in comment else ""
    rest = "" if end == len(text) and not lines.has_last_break(text) else habits.line_break
    if entry.key is None and not comment:
        new = " " + habits.line_break.join(below).lstrip(" ")
    else:
        new = comment + habits.line_break + habits.line_break.join(below)
    yield text[: entry.after] + new + rest + text[end:]
