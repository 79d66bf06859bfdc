"""Reads YAML text into pieces: values with the places where they begin and end. Pure.

The parser is the one that loads specs. Anchors, aliases and tags are refused, as specs refuse them.
"""

from __future__ import annotations

import enum
import re
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import yaml

from gitbot.errors import UserError
from gitbot.language.problems import Problems
from gitbot.language.yaml12 import parse
from gitbot.model.diagnostic import Diagnostic

Path: TypeAlias = tuple[str | int, ...]

BREAK: Final = r"(?:\r\n|[\r\n\x85\u2028\u2029])"
_BLANK_END = re.compile(rf"(?:{BREAK}[ \t]*)+\Z")
_LAST_BREAK = re.compile(rf"{BREAK}\Z")


class EditError(UserError):
    """The text cannot be changed in that way. The message says why."""


class Style(enum.Enum):
    """How a value is written. A ``PAIR`` is the map in ``[key: value]``, which has no braces."""

    PLAIN = ""
    SINGLE = "'"
    DOUBLE = '"'
    LITERAL = "|"
    FOLDED = ">"
    FLOW = "flow"
    BLOCK = "block"
    PAIR = "pair"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One value. ``text[start:end]`` is what was written for it, without the last line break.

    ``plain`` is its value; ``entries`` are those of a map or list.
    """

    start: int
    end: int
    style: Style
    plain: Any
    entries: tuple[Entry, ...] = ()

    def entry(self, step: str | int) -> Entry | None:
        """The entry with this key or index; None when there is none."""
        if isinstance(step, int):
            fits = isinstance(self.plain, list) and 0 <= step < len(self.entries)
            return self.entries[step] if fits else None
        return next((one for one in self.entries if one.key == step), None)

    @property
    def is_block(self) -> bool:
        """Whether it is a map or a list in block style."""
        return self.style is Style.BLOCK


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a map or list.

    ``start`` is where its key, its dash or its value in brackets begins. ``after`` is behind the
    colon or the dash; where there is none, it is where the value or the end of the key is.
    """

    key: str | None
    start: int
    after: int
    piece: Piece


def documents_of(text: str) -> list[Any]:
    """The plain values of the documents that are not empty.

    Raises:
        EditError: the text is no YAML that a spec may have.
    """
    return [node.plain() for node in _nodes(text)]


def pieces_of(text: str) -> list[Piece]:
    """The documents that are not empty, as pieces.

    Raises:
        EditError: the text is no YAML that a spec may have.
    """
    plains = [node.plain() for node in _nodes(text)]
    reader = _Reader(text)
    found = [piece for piece in reader.documents() if not _is_nothing(piece)]
    if len(found) != len(plains):
        raise EditError("The file's documents cannot be told apart.")
    return [_with_plain(piece, plain) for piece, plain in zip(found, plains, strict=True)]


def _nodes(text: str) -> Sequence[Any]:
    problems = Problems(file="")
    nodes = parse(text, problems)
    if problems.found:
        raise EditError(_says(problems.found[0]))
    return nodes


def _says(problem: Diagnostic) -> str:
    return f"Line {problem.line} cannot be read: {problem.detail} {problem.fix}"


def _is_nothing(piece: Piece) -> bool:
    return piece.style is Style.PLAIN and piece.plain in ("", "~", "null", "Null", "NULL")


def _with_plain(piece: Piece, plain: Any) -> Piece:
    """The piece with the values that the language reads; until then scalars are bare text."""
    entries = tuple(
        Entry(
            key=one.key,
            start=one.start,
            after=one.after,
            piece=_with_plain(one.piece, plain[at if one.key is None else one.key]),
        )
        for at, one in enumerate(piece.entries)
    )
    return Piece(start=piece.start, end=piece.end, style=piece.style, plain=plain, entries=entries)


class _Reader:
    """Reads the parser's events, and its tokens for the places of dashes and colons."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._next: Callable[[], Any] = yaml.CBaseLoader(text).get_event
        self._dashes: deque[int] = deque()
        self._colons: list[int] = []
        self._questions: dict[int, int] = {}
        for token in yaml.scan(text, Loader=yaml.CBaseLoader):
            start, end = token.start_mark.index, token.end_mark.index
            if isinstance(token, yaml.BlockEntryToken):
                self._dashes.append(start)
            elif isinstance(token, yaml.ValueToken):
                self._colons.append(start)
            elif isinstance(token, yaml.KeyToken) and end > start:
                self._questions[end] = start

    def documents(self) -> list[Piece]:
        found = []
        while not isinstance(event := self._next(), yaml.StreamEndEvent):
            if isinstance(event, yaml.DocumentStartEvent):
                found.append(self._piece(self._next()))
        return found

    def _piece(self, event: Any) -> Piece:
        start, end = event.start_mark.index, event.end_mark.index
        if isinstance(event, yaml.ScalarEvent):
            style = Style(event.style or "")
            if style in (Style.LITERAL, Style.FOLDED):
                end = self._block_end(start, end)
            return Piece(start=start, end=end, style=style, plain=event.value)
        is_list = isinstance(event, yaml.SequenceStartEvent)
        return self._list(start, event) if is_list else self._map(start, event)

    def _block_end(self, start: int, end: int) -> int:
        raw = self._text[start:end]
        header = re.split(BREAK, raw, maxsplit=1)[0].split("#")[0]
        pattern = _LAST_BREAK if "+" in header else _BLANK_END
        cut = pattern.search(raw)
        return start + cut.start() if cut else end

    def _list(self, start: int, event: Any) -> Piece:
        entries = []
        while not _ends(below := self._next(), yaml.SequenceEndEvent):
            if event.flow_style:
                piece = self._piece(below)
                entries.append(Entry(key=None, start=piece.start, after=piece.start, piece=piece))
            else:
                dash = self._dashes.popleft()
                piece = self._piece(below)
                entries.append(Entry(key=None, start=dash, after=dash + 1, piece=piece))
        plain = [one.piece.plain for one in entries]
        if event.flow_style:
            return Piece(
                start=start,
                end=below.end_mark.index,
                style=Style.FLOW,
                plain=plain,
                entries=tuple(entries),
            )
        return _block(entries, plain)

    def _map(self, start: int, event: Any) -> Piece:
        entries = []
        while not _ends(key := self._next(), yaml.MappingEndEvent):
            name = self._piece(key)
            piece = self._piece(self._next())
            entries.append(self._entry(name, piece))
        plain = {one.key: one.piece.plain for one in entries}
        if not event.flow_style:
            return _block(entries, plain)
        braces = self._text[start : start + 1] == "{"
        return Piece(
            start=start,
            end=key.end_mark.index if braces else max(one.piece.end for one in entries),
            style=Style.FLOW if braces else Style.PAIR,
            plain=plain,
            entries=tuple(entries),
        )

    def _entry(self, key: Piece, piece: Piece) -> Entry:
        at = bisect_left(self._colons, key.end)
        colon = self._colons[at] if at < len(self._colons) else None
        has_colon = colon is not None and colon <= piece.start
        start = key.start
        if self._questions:  # rare, and looking for them costs the length of the text
            start = self._questions.get(len(self._text[:start].rstrip()), start)
        return Entry(
            key=str(key.plain),
            start=start,
            after=colon + 1 if colon is not None and has_colon else key.end,
            piece=piece,
        )


def _ends(event: Any, kind: type) -> bool:
    return isinstance(event, kind)


def _block(entries: list[Entry], plain: Any) -> Piece:
    return Piece(
        start=entries[0].start,
        end=entries[-1].piece.end,
        style=Style.BLOCK,
        plain=plain,
        entries=tuple(entries),
    )
