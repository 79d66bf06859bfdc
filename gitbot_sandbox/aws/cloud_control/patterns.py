"""Read regular expressions into trees from which texts can be made. Pure.

It reads the dialect of the registry's schemas: JavaScript's and Java's, mixed. What only restricts
(anchors, looking around) is left out of the tree; whoever makes a text tries the expression on it.
A tree may have what an expression looks ahead for as if it were text: ``(?=.*[0-9])`` then gives a
digit.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import regex

from gitbot.language.value_keywords import flags_of

_READABLE = string.ascii_lowercase + string.digits + string.ascii_uppercase + "-_./: "
PRINTABLE = _READABLE + "".join(sorted(set(map(chr, range(32, 127))) - set(_READABLE)))
"""Characters that texts are made of, the most readable first."""
_OTHERS = "\n\t\r\x00\x7f" + "".join(map(chr, (0xA1, 0xE9, 0x3B1, 0x4E2D, 0x1F600)))
_COUNT = re.compile(r"\{(\d*)(,?)(\d*)\}")
_FLAGS = re.compile(r"\(\?[a-zA-Z]+\)")
_ANCHORS = frozenset("bBAZzG")
_LENGTHS = {"x": 2, "u": 4, "U": 8}


@dataclass(frozen=True, slots=True)
class Chars:
    """One of these characters."""

    choices: str


@dataclass(frozen=True, slots=True)
class Sequence:
    """All parts, one after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the options."""

    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """The part, at least ``least`` times; without an end if ``most`` is None."""

    part: Node
    least: int
    most: int | None


Node: TypeAlias = Chars | Sequence | Choice | Repeat
NOTHING = Sequence(())


class UnreadableError(Exception):
    """The expression is malformed, or has something that is not known here."""


@lru_cache(maxsize=4096)
def read(pattern: str, *, ahead: bool = False) -> Node:
    """The tree of a regular expression; with ``ahead``, what it looks ahead for is part of it.

    Raises:
        UnreadableError: it cannot be read.
    """
    reader = _Reader(pattern, ahead)
    node = reader.choice()
    if reader.rest():
        raise UnreadableError(f"{reader.rest()!r} of {pattern!r}")
    return node


@lru_cache(maxsize=4096)
def characters(one: str) -> str:
    """The characters that an expression for one character accepts, the most readable first.

    Raises:
        UnreadableError: it accepts none that is known here, or is malformed.
    """
    try:
        accepts = regex.compile(one, flags_of(one)).fullmatch
    except regex.error as error:
        raise UnreadableError(f"{one!r}: {error}") from error
    found = "".join(filter(accepts, PRINTABLE)) or "".join(filter(accepts, _OTHERS))
    if not found:
        raise UnreadableError(f"{one!r} accepts no usual character")
    return found


class _Reader:
    """Goes once through an expression, from left to right."""

    def __init__(self, pattern: str, ahead: bool) -> None:
        self._pattern = pattern
        self._ahead = ahead
        self._at = 0

    def rest(self) -> str:
        """What is still to read."""
        return self._pattern[self._at :]

    def choice(self) -> Node:
        """The alternatives up to the end of the group."""
        options = [self._sequence()]
        while self._take("|"):
            options.append(self._sequence())
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _take(self, text: str) -> bool:
        found = self._pattern.startswith(text, self._at)
        self._at += len(text) if found else 0
        return found

    def _next(self, length: int = 1) -> str:
        taken = self._pattern[self._at : self._at + length]
        if len(taken) < length:
            raise UnreadableError(f"{self._pattern!r} ends too early")
        self._at += length
        return taken

    def _sequence(self) -> Node:
        parts: list[Node] = []
        while self.rest() and self.rest()[0] not in "|)":
            parts.append(self._repeated(self._atom()))
        return Sequence(tuple(parts))

    def _repeated(self, node: Node) -> Node:
        while True:
            count = _COUNT.match(self._pattern, self._at)
            if self._take("*"):
                node = Repeat(node, 0, None)
            elif self._take("+"):
                node = Repeat(node, 1, None)
            elif self._take("?"):
                node = Repeat(node, 0, 1)
            elif count and count[0] not in ("{}", "{,}"):
                self._at = count.end()
                least = int(count[1] or 0)
                node = Repeat(node, least, _most(count, least))
            else:
                return node
            # A lazy or possessive repetition finds other matches, but accepts the same texts.
            if not self._take("?"):
                self._take("+")

    def _atom(self) -> Node:
        flags = _FLAGS.match(self._pattern, self._at)
        if flags:
            self._at = flags.end()
            return NOTHING
        one = self._next()
        match one:
            case "(":
                return self._group()
            case "[":
                return Chars(characters(self._class()))
            case "\\":
                return self._escape()
            case "^" | "$":
                return NOTHING
            case ".":
                return Chars(characters("."))
        return Chars(one)

    def _group(self) -> Node:
        ahead = self._take("?=")
        around = ahead or any(self._take(mark) for mark in ("?!", "?<=", "?<!"))
        if not around and not self._take("?:"):
            self._take("?>")
        inner = self.choice()
        if not self._take(")"):
            raise UnreadableError(f"{self._pattern!r} has a group without an end")
        return inner if not around or (ahead and self._ahead) else NOTHING

    def _class(self) -> str:
        """The text of a class of characters whose ``[`` was read."""
        begin = self._at - 1
        self._take("^")
        self._take("]")
        while not self._take("]"):
            if self._next() == "\\":
                self._next()
        text = self._pattern[begin : self._at]
        nested = text.count("&&[") and self._take("]")
        return text + "]" if nested else text

    def _escape(self) -> Node:
        one = self._next()
        if one in _ANCHORS:
            return NOTHING
        if one in "pP" and self._take("{"):
            end = self._pattern.index("}", self._at)
            name = self._next(end - self._at)
            self._take("}")
            return Chars(characters(f"\\{one}{{{name}}}"))
        if one in _LENGTHS:
            return Chars(chr(int(self._next(_LENGTHS[one]), 16)))
        if one.isdigit():  # refers back to a group; where it can be left out, the text still fits
            return NOTHING
        return Chars(characters(f"\\{one}")) if one.isalpha() else Chars(one)


def _most(count: re.Match[str], least: int) -> int | None:
    if not count[2]:
        return least
    return int(count[3]) if count[3] else None
