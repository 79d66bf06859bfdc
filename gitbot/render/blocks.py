"""The form that every text has before it is Markdown or lines of a terminal. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence of gitbot's own; names in it stand in backticks."""

    text: str


@dataclass(frozen=True, slots=True)
class Plain:
    """What somebody else wrote: shown exactly, with no effect."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """A name or a command."""

    text: str


@dataclass(frozen=True, slots=True)
class Strong:
    """A sentence of gitbot's own that stands out."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """A name that leads somewhere; without an address it is a name."""

    text: str
    url: str


Span: TypeAlias = Words | Plain | Code | Strong | Link
Spans: TypeAlias = tuple[Span, ...]


class Rank(IntEnum):
    """What is kept first when a text is too long."""

    VITAL = 0
    NORMAL = 1
    DETAIL = 2


class Sign(StrEnum):
    """What a line of a difference says."""

    ADD = "+"
    REMOVE = "-"
    CHANGE = "~"
    NOTE = " "


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of a difference; ``depth`` indents it."""

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
    """A paragraph; ``tone`` colours it where there are colours (``error``, ``warning``, ``good``)."""

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
    """Lines of a difference."""

    lines: tuple[DiffLine, ...]
    rank: Rank = Rank.DETAIL


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Lines of a spec, verbatim."""

    lines: tuple[str, ...]
    rank: Rank = Rank.DETAIL


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """Something to open: ``symbol`` and ``name`` always show, ``diff`` and ``remarks`` when open.

    ``about`` follows the name (the type, what happens).
    """

    symbol: str
    name: str
    about: str
    remarks: tuple[Spans, ...] = ()
    diff: tuple[DiffLine, ...] = ()
    rank: Rank = Rank.NORMAL


Block: TypeAlias = Heading | Paragraph | Bullets | Diff | Source | Fold
