"""Reads what stands between two values of a YAML text: comments and empty lines. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gitbot.language.editing.pieces import EditError


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on a line of its own. ``column`` is where it begins, from 0."""

    column: int
    text: str


Line = Comment | None
"""A comment, or None for an empty line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What stands between two values.

    ``inline`` is the comment on the line of the first one, with the spaces before it.
    """

    inline: str = ""
    lines: tuple[Line, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is no comment."""
        return not self.inline and not any(self.lines)


def gap_of(between: str) -> Gap:
    """The gap.

    Raises:
        EditError: there is something else than comments.
    """
    first, *rest = between.split("\n")
    return Gap(
        inline=_checked(first.rstrip()),
        # The last one is what stands before the next value on its line.
        lines=tuple(_line(one) for one in rest[:-1]),
    )


def _line(text: str) -> Line:
    stripped = _checked(text.strip())
    return Comment(len(text) - len(text.lstrip()), stripped) if stripped else None


def _checked(text: str) -> str:
    bare = text.strip()
    if bare and not bare.startswith("#"):
        raise EditError(f"It has {bare[:40]!r} where only a comment can be moved along.")
    return text if bare else ""


def parted(lines: Sequence[Line], column: int) -> tuple[Sequence[Line], Sequence[Line]]:
    """The lines that belong to the entry above, and those that belong to the entry below.

    Comments that are indented deeper than the entries at ``column`` belong to what is above.
    """
    at = 0
    for number, line in enumerate(lines):
        if line is not None:
            if line.column <= column:
                break
            at = number + 1
    return lines[:at], lines[at:]


def placed(lines: Iterable[Line], columns: Sequence[tuple[int, int]]) -> Iterator[str]:
    """The lines as text; several empty lines become one.

    ``columns`` are where the maps and lists around them were and where they are now, from outside
    to inside. A comment goes to the innermost one that it was inside of.
    """
    was_empty = False
    for line in lines:
        if line is None:
            if not was_empty:
                yield ""
            was_empty = True
            continue
        was_empty = False
        new = columns[0][1]
        for before, now in columns:
            if before <= line.column:
                new = now
        yield " " * new + line.text


def trimmed(lines: Sequence[str]) -> list[str]:
    """The lines without empty ones at the start."""
    at = next((number for number, line in enumerate(lines) if line), len(lines))
    return list(lines[at:])
