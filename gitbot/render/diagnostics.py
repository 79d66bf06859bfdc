"""Renders diagnostics as blocks, with the line of the spec. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gitbot.model.diagnostic import Diagnostic, Severity
from gitbot.render.blocks import Block, Code, Link, Paragraph, Rank, Source, Strong, Words
from gitbot.render.views import Excerpts

_EXCERPT_WIDTH = 160
NO_EXCERPTS = Excerpts()


def diagnostic_blocks(
    diagnostics: Sequence[Diagnostic], excerpts: Excerpts = NO_EXCERPTS
) -> Iterator[Block]:
    """A paragraph and an excerpt for each diagnostic: errors first, then by file and line."""
    for found in sorted(diagnostics, key=_order):
        error = found.severity is Severity.ERROR
        yield Paragraph(
            spans=(
                Strong(f"{'✗' if error else '⚠'} {found.summary}"),
                Words(" ("),
                Code(found.code),
                Words(") at "),
                Link(str(found.span), _url(found, excerpts)),
                Words(f": {found.detail} "),
                Words(found.fix),
            ),
            tone="error" if error else "warning",
            rank=Rank.VITAL if error else Rank.NORMAL,
        )
        line = excerpts.lines.get((found.file, found.line))
        if line is not None:
            yield Source(lines=_excerpt(line, found.column))


def known_blocks(known: Sequence[Diagnostic]) -> Iterator[Block]:
    """What is said of problems that were there before the pull request: how many, and where."""
    if known:
        places = ", ".join(f"`{place}`" for place in sorted({str(found.span) for found in known}))
        words = f"Not from this pull request: {count_words(known)} at {places}."
        yield Paragraph(spans=(Words(words),), tone="warning", rank=Rank.VITAL)


def count_words(diagnostics: Sequence[Diagnostic]) -> str:
    """The number of problems in words: ``2 errors, 1 warning``."""
    errors = sum(found.severity is Severity.ERROR for found in diagnostics)
    parts = []
    for number, name in ((errors, "error"), (len(diagnostics) - errors, "warning")):
        if number:
            parts.append(f"{number} {name}{'s' if number > 1 else ''}")
    return ", ".join(parts) or "no problems"


def _order(found: Diagnostic) -> tuple[bool, str, int, int, str]:
    warning = found.severity is not Severity.ERROR
    return warning, found.file, found.line, found.column, found.code


def _url(found: Diagnostic, excerpts: Excerpts) -> str:
    if not excerpts.blob_base:
        return ""
    return f"{excerpts.blob_base}/{found.file}#L{found.line}"


def _excerpt(line: str, column: int) -> tuple[str, ...]:
    """The line around the column, with a mark below the column if it is visible."""
    start = max(0, column - 1 - _EXCERPT_WIDTH // 2)
    shown = line[start : start + _EXCERPT_WIDTH].replace("\t", " ")
    at = column - 1 - start
    return (shown, f"{' ' * at}^") if 0 <= at <= len(shown) else (shown,)
