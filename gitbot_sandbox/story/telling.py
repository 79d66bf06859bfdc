"""What a chapter of the story is, and how its comments are told in a terminal. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gitbot_sandbox.stage import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A part of the story; ``play`` returns the address to look at and the lines to show."""

    title: str
    play: Callable[[Stage], tuple[str, tuple[str, ...]]]


def gist(body: str, most: int = 12) -> tuple[str, ...]:
    """The first lines of a comment for a terminal, without markup and folded parts."""
    lines, folded = [], 0
    for line in body.splitlines():
        folded += line.count("<details") - line.count("</details")
        if folded or line.startswith(("<", "```")) or not line.strip():
            continue
        lines.append(line.replace("**", "").replace("`", "").lstrip("#> ").rstrip())
    return tuple(lines[:most])


def in_one_line(body: str) -> str:
    """The first lines of a comment as one line."""
    return " ".join(gist(body))
