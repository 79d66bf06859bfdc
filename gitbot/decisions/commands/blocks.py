"""Finds the paragraphs of a Markdown text by CommonMark's rules for blocks. Pure.

The rules: https://spec.commonmark.org/0.31.2/#blocks-and-inlines (containers, lazy continuation,
what interrupts a paragraph). Only the rules that decide whether a line belongs to a paragraph are
here. The text is read one line at a time, so the time is linear in its length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gitbot.decisions.commands.html_blocks import html_block_end

MOST_CONTAINERS = 16
_TAB = 4
_CODE = 4  # a line indented by this many spaces is code
_LINE_END = re.compile(r"\r\n|\n|\r")  # splitlines() splits at characters that Markdown does not
_HEADING = re.compile(r"#{1,6}(?: |$)")
_UNDERLINE = re.compile(r"(?:=+|-+)$")
_FENCE = re.compile(r"(`{3,}+|~{3,}+)(.*)", re.DOTALL)
_MARKER = re.compile(r"(?:[-+*]|([0-9]{1,9})[.)])(?= |$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a paragraph, as written.

    ``plain``: it starts in the first column, or after one space outside of lists, and is not in a
    quotation.
    """

    text: str
    plain: bool


@dataclass(slots=True)
class _Container:
    """An open quotation (``width`` None), or an open list item with content ``width`` columns in.

    ``empty``: the item has no content yet.
    """

    width: int | None
    empty: bool = False


class _LostError(Exception):
    """The rest is not certain: parsers differ here, or it is nested too deeply."""


def paragraphs(body: str) -> Iterator[tuple[Line, ...]]:
    """The paragraphs, in order, without headings, code and HTML.

    Stops early where parsers do not agree.
    """
    reader = _Reader()
    try:
        for line in _LINE_END.split(body):
            reader.read(line)
            yield from reader.take()
    except _LostError:
        return
    reader.end()
    yield from reader.take()


class _Reader:
    """The state after a line: the open containers, and the open block inside them."""

    def __init__(self) -> None:
        self._containers: list[_Container] = []
        self._paragraph: list[Line] = []
        self._done: list[tuple[Line, ...]] = []
        # What ends the open HTML block or fence.
        self._closing: re.Pattern[str] | None = None

    def take(self) -> tuple[tuple[Line, ...], ...]:
        """The paragraphs that have ended since the last call."""
        done, self._done = tuple(self._done), []
        return done

    def end(self) -> None:
        """End the open paragraph."""
        if self._paragraph:
            self._done.append(tuple(self._paragraph))
            self._paragraph = []

    def read(self, line: str) -> None:
        """Take in the next line."""
        text = line.expandtabs(_TAB).rstrip(" ")
        column, matched = self._match(text, spaces=bool(line) and not text)
        if self._closing is not None:
            if matched == len(self._containers):
                self._read_raw(text[column:])
                return
            self._closing = None
        self._read_blocks(line, text, column, matched)

    def _match(self, text: str, *, spaces: bool) -> tuple[int, int]:
        """The column of the line's own text, and how many open containers the line continues."""
        column = 0
        for matched, container in enumerate(self._containers):
            start = _start(text, column)
            if container.width is None:
                if start - column >= _CODE or not text.startswith(">", start):
                    return column, matched
                column = start + (2 if text.startswith("> ", start) else 1)
            elif start == len(text):
                if container.empty and spaces:
                    raise _LostError
                if container.empty:
                    return column, matched
            elif start - column >= container.width:
                column += container.width
            else:
                return column, matched
            container.empty = False
        return column, len(self._containers)

    def _read_raw(self, text: str) -> None:
        """Read a line inside a fence or an HTML block."""
        assert self._closing is not None
        if self._closing.search(text):
            self._closing = None

    def _read_blocks(self, line: str, text: str, column: int, matched: int) -> None:
        """Read a line outside fences and HTML: it opens blocks, or continues a paragraph."""
        while True:
            start = _start(text, column)
            rest = text[start:]
            # Whether the line can continue the open paragraph other than lazily.
            direct = bool(self._paragraph) and matched == len(self._containers)
            if self._ends_here(rest, start - column):
                self._close(matched)
                return
            if start - column >= _CODE:
                break
            container = _container(text, start, column, direct)
            if container is None:
                if self._read_leaf(rest, matched, direct):
                    return
                break
            self._close(matched)
            opened, column = container
            self._containers.append(opened)
            matched = len(self._containers)
            if matched > MOST_CONTAINERS:
                raise _LostError
        # People paste a command with a space before it; in a list that may mean something else.
        plain = start == 0 or (start == 1 and column == 0 and not self._containers)
        self._add(line, matched, plain=plain)

    def _ends_here(self, rest: str, indent: int) -> bool:
        """Whether the line is blank or indented code, and so not part of a paragraph."""
        return not rest or (indent >= _CODE and not self._paragraph)

    def _read_leaf(self, rest: str, matched: int, direct: bool) -> bool:
        """Read a heading, a rule, or the first line of a fence or an HTML block.

        Returns False when the line is none of them.
        """
        if direct and _UNDERLINE.match(rest):
            # After a link definition parsers do not agree whether this underlines anything.
            if self._paragraph[0].text.lstrip().startswith("["):
                raise _LostError
            self._paragraph = []
            return True
        fence = _fence_end(rest)
        html = html_block_end(rest, interrupts=direct)
        if not (fence or html or _HEADING.match(rest) or _is_rule(rest)):
            return False
        self._close(matched)
        # An HTML block can end on its first line; a fence cannot.
        self._closing = None if html and html.search(rest) else fence or html
        return True

    def _close(self, matched: int) -> None:
        """End the paragraph, and the containers that the line does not continue."""
        self.end()
        del self._containers[matched:]

    def _add(self, line: str, matched: int, *, plain: bool) -> None:
        """Add the line to the open paragraph, or begin a new one."""
        if not self._paragraph:
            self._close(matched)
        quoted = any(container.width is None for container in self._containers)
        self._paragraph.append(Line(text=line, plain=plain and not quoted))
        for container in self._containers:
            container.empty = False


def _start(text: str, column: int) -> int:
    """The index of the first character from ``column`` on that is not a space."""
    return len(text) - len(text[column:].lstrip(" ")) if column < len(text) else len(text)


def _container(text: str, start: int, column: int, direct: bool) -> tuple[_Container, int] | None:
    """The quotation or list item that starts there, with the column of its content; else None."""
    if text.startswith(">", start):
        return _Container(width=None), start + (2 if text.startswith("> ", start) else 1)
    marker = _MARKER.match(text, start)
    if marker is None or _is_rule(text[start:]):
        return None
    content = _start(text, marker.end())
    empty = content == len(text)
    # A list ends a paragraph only if it starts at 1 and its first item is not empty.
    if direct and (empty or marker[1] not in (None, "1")):
        return None
    spaces = content - marker.end()
    if empty or spaces > _CODE:
        spaces = 1
    return _Container(width=marker.end() + spaces - column, empty=empty), marker.end() + spaces


def _is_rule(text: str) -> bool:
    """Whether it is a thematic break: three or more of one of ``*-_``, and spaces."""
    marks = text.replace(" ", "")
    return len(marks) >= 3 and marks[0] in "*-_" and marks.count(marks[0]) == len(marks)


def _fence_end(rest: str) -> re.Pattern[str] | None:
    """The pattern of the line that closes the fence; None when the line opens no fence."""
    fence = _FENCE.match(rest)
    if fence is None or (fence[1][0] == "`" and "`" in fence[2]):
        return None
    return re.compile(rf"\A {{0,3}}{fence[1][0]}{{{len(fence[1])},}}+\Z")
