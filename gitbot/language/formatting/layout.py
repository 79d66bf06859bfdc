"""Gives a spec file its one format. What it means never changes, and no comment is lost. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import yaml

from gitbot.language.editing.lines import column_of, line_start
from gitbot.language.editing.pieces import (
    EditError,
    Entry,
    Path,
    Piece,
    documents_of,
    pieces_of,
)
from gitbot.language.editing.splices import same
from gitbot.language.formatting.gaps import Gap, Line, gap_of, parted, placed, trimmed
from gitbot.language.formatting.order import in_order
from gitbot.language.formatting.values import key_text, value_lines

_UNKNOWN_TOKENS = (yaml.DocumentEndToken, yaml.DirectiveToken)


def formatted(text: str) -> str:
    """The text in its one format. Doing it twice changes nothing.

    Fields stand in their order, maps and lists are indented by two, quotes are double where that
    needs no escapes, there is one space where YAML wants any, and at most one empty line.

    Raises:
        EditError: the text is no YAML that a spec may have, or it has something that cannot be
            moved without a change of its meaning; the message says what.
    """
    plain = text.replace("\r\n", "\n")
    before = documents_of(plain)
    if not plain.strip():
        return ""
    result = "\n".join(_file(plain)) + "\n"
    if not same(documents_of(result), before):
        raise EditError("Its values cannot be told apart from how they are indented.")
    return result


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bundle:
    """An entry with what belongs to it: empty line and comments above, the entry, comments below."""

    key: str
    blank: bool
    above: list[str]
    lines: list[str]

    def __iter__(self) -> Iterator[str]:
        yield from [""] if self.blank else []
        yield from self.above
        yield from self.lines


def _file(text: str) -> Iterator[str]:
    starts = _separators(text)
    pieces = pieces_of(text)
    bounds = sorted({0, *starts, len(text)})
    is_first = True
    for start, end in pairwise(bounds):
        inside = [one for one in pieces if start <= one.start < end]
        if len(inside) > 1:
            raise EditError("Its documents cannot be told apart.")
        lines = _document(text, start, end, inside[0] if inside else None, start in starts)
        while lines and not lines[-1]:
            lines.pop()
        yield from trimmed(lines) if is_first else lines
        is_first = is_first and not lines


def _separators(text: str) -> set[int]:
    found = set()
    for token in yaml.scan(text, Loader=yaml.CBaseLoader):
        if isinstance(token, _UNKNOWN_TOKENS):
            raise EditError("It has directives or ends of documents (%, …).")
        if isinstance(token, yaml.DocumentStartToken):
            found.add(line_start(text, token.start_mark.index))
    return found


def _document(
    text: str, start: int, end: int, piece: Piece | None, is_separated: bool
) -> list[str]:
    lines = []
    if is_separated:
        stop = text.find("\n", start, end)
        line = text[start : end if stop < 0 else stop]
        lines = [f"---{gap_of(line[3:]).inline}"]
        start = end if stop < 0 else stop + 1
    if piece is None:
        head = gap_of("\n" + text[start:end] + "\n")
        return lines + trimmed(list(placed(head.lines, [(0, 0)])))
    if not piece.is_block:
        raise EditError("It is no map or list over several lines.")
    top = column_of(text, piece.start)
    head = gap_of("\n" + text[start : piece.start])
    lines += trimmed(list(placed(head.lines, [(0, 0)])))
    kind = piece.plain.get("kind") if isinstance(piece.plain, dict) else None
    lines += _Writer(text, kind).block(piece, 0, (), Gap())
    tail = gap_of(text[piece.end : end] + ("" if text[:end].endswith("\n") else "\n"))
    return lines + list(placed(tail.lines, [(top, 0), *_inside(text, piece, 0)]))


def _inside(text: str, piece: Piece, now: int) -> Iterator[tuple[int, int]]:
    """The columns of the maps and lists that end where this one ends, from outside to inside."""
    last = piece.entries[-1].piece
    if last.is_block:
        yield column_of(text, last.entries[0].start), now + 2
        yield from _inside(text, last, now + 2)


class _Writer:
    """Writes the maps and lists of one document."""

    def __init__(self, text: str, kind: object) -> None:
        self._text = text
        self._kind = kind

    def block(self, piece: Piece, now: int, path: Path, head: Gap) -> list[str]:
        """The lines of a map or list in block style, at column ``now``; ``head`` is above it."""
        bundles = list(self._bundles(piece, now, path, head))
        keys = [one.key for one in bundles]
        order = in_order(self._kind, path, keys) if isinstance(piece.plain, dict) else None
        ordered = [bundles[at] for at in order] if order is not None else bundles
        ordered[0] = replace(ordered[0], blank=False)
        return [line for one in ordered for line in one]

    def _bundles(self, piece: Piece, now: int, path: Path, head: Gap) -> Iterator[_Bundle]:
        text = self._text
        before = column_of(text, piece.entries[0].start)
        above: Sequence[Line] = head.lines
        for at, entry in enumerate(piece.entries):
            step: str | int = at if entry.key is None else entry.key
            lines = self._entry(entry, before, now, (*path, step))
            comments = trimmed(list(placed(above, [(before, now)])))
            blank = bool(above) and above[0] is None
            if not entry.piece.is_block:
                # The comment behind the last value of a block stays there, whatever is last now.
                stop = text.find("\n", entry.piece.end)
                lines[-1] += gap_of(text[entry.piece.end : None if stop < 0 else stop]).inline
            if at + 1 < len(piece.entries):
                gap = gap_of(text[entry.piece.end : piece.entries[at + 1].start])
                below, above = parted(gap.lines, before)
                lines += placed(below, [(before, now), *_below(text, entry, now)])
            yield _Bundle(key=str(step), blank=blank, above=comments, lines=lines)

    def _entry(self, entry: Entry, before: int, now: int, path: Path) -> list[str]:
        piece = entry.piece
        head = gap_of(self._text[entry.after : piece.start])
        mark = "-" if entry.key is None else f"{key_text(self._text, entry)}:"
        start = " " * now + mark
        if piece.is_block and entry.key is not None:
            return [start + head.inline, *self.block(piece, now + 2, path, head)]
        # A comment between a dash or a key and its value is about both: it goes above.
        above = [line for line in _about(head, now) if line]
        if piece.is_block:
            lines = self.block(piece, now + 2, path, Gap())
            while lines[0].lstrip(" ").startswith("#"):
                above.append(" " * now + lines.pop(0).lstrip(" "))
            return [*above, f"{start} {lines[0].lstrip(' ')}", *lines[1:]]
        first, *rest = value_lines(self._text, piece, before, now)
        return [*above, f"{start} {first}" if first else start, *rest]


def _about(head: Gap, now: int) -> Iterator[str]:
    yield " " * now + head.inline.strip() if head.inline else ""
    yield from placed(head.lines, [(0, now)])


def _below(text: str, entry: Entry, now: int) -> Iterator[tuple[int, int]]:
    piece = entry.piece
    if piece.is_block:
        yield column_of(text, piece.entries[0].start), now + 2
        yield from _inside(text, piece, now + 2)
