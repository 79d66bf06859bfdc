"""The blocks that texts are made of, before they become Markdown or terminal lines. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence of gitbot. Names in it are in backticks."""

    text: str


@dataclass(frozen=True, slots=True)
class Plain:
    """A text that somebody else wrote. It is shown exactly, and Markdown in it has no effect."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """A name or a command."""

    text: str


@dataclass(frozen=True, slots=True)
class Strong:
    """A sentence of gitbot in bold."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """A name with a link. Without an address it is only a name."""

    text: str
    url: str


Span: TypeAlias = Words | Plain | Code | Strong | Link
Spans: TypeAlias = tuple[Span, ...]


class Rank(IntEnum):
    """How important a block is. When there is no room for all, details are left out first.

    ``URGENT`` is what deletes, replaces or opens something.
    """

    VITAL = 0
    URGENT = 1
    NORMAL = 2
    DETAIL = 3


class Sign(StrEnum):
    """The kind of a line of a diff."""

    ADD = "+"
    REMOVE = "-"
    CHANGE = "~"
    NOTE = " "


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of a diff."""

    sign: Sign
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading of level 2 to 4."""

    level: int
    spans: Spans
    rank: Rank = Rank.VITAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A paragraph. ``tone`` is its colour: ``error``, ``warning``, ``good`` or empty."""

    spans: Spans
    tone: str = ""
    rank: Rank = Rank.NORMAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullets:
    """A list."""

    items: tuple[Spans, ...]
    rank: Rank = Rank.NORMAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """A diff."""

    lines: tuple[DiffLine, ...]
    rank: Rank = Rank.DETAIL


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Lines of a spec, verbatim."""

    lines: tuple[str, ...]
    rank: Rank = Rank.DETAIL


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """A part that the reader can open, to see ``remarks`` and ``diff``.

    ``symbol``, ``name`` and ``about`` are always visible. ``about`` says what happens.
    """

    symbol: str
    name: str
    about: str
    remarks: tuple[Spans, ...] = ()
    diff: tuple[DiffLine, ...] = ()
    rank: Rank = Rank.NORMAL


Block: TypeAlias = Heading | Paragraph | Bullets | Diff | Source | Fold
