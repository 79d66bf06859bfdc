"""Renders diagnostics as blocks, with the line of the spec. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from gitbot.model.diagnostic import Diagnostic, SourceSpan
from gitbot.render.blocks import Block, Code, Link, Paragraph, Rank, Source, Strong, Words
from gitbot.render.views import Excerpts

_EXCERPT_WIDTH = 160
NO_EXCERPTS = Excerpts()
_WITHOUT_LINE = frozenset({"plain-secret", "looks-secret"})
"""Codes of diagnostics that point at a secret: its line is not repeated."""
Way: TypeAlias = tuple[SourceSpan, ...]
"""The lines that lead to a module, the nearest first."""


def diagnostic_blocks(
    diagnostics: Sequence[Diagnostic], excerpts: Excerpts = NO_EXCERPTS
) -> Iterator[Block]:
    """A paragraph and an excerpt for each diagnostic: errors first, then by file and line.

    What a module has for several who use it is told once, with the lines that use it.
    """
    for found, uses in _by_place(diagnostics):
        error = found.is_error
        yield Paragraph(
            spans=(
                Strong(f"{'✗' if error else '⚠'} {found.summary}"),
                Words(" ("),
                Code(found.code),
                Words(") at "),
                Link(str(found.span), _url(found.span, excerpts)),
                *_use_words(uses, excerpts),
                Words(f": {found.detail} "),
                Words(found.fix),
            ),
            tone="error" if error else "warning",
            rank=Rank.VITAL if error else Rank.NORMAL,
        )
        for span in (found.span, *(uses[0] if uses else ())):
            line = excerpts.lines.get((span.file, span.line))
            if line is not None and found.code not in _WITHOUT_LINE:
                yield Source(lines=_excerpt(line, span.column))


def _by_place(
    diagnostics: Sequence[Diagnostic],
) -> list[tuple[Diagnostic, tuple[Way, ...]]]:
    """The diagnostics in order, each with the lines that use its module, those of each way."""
    found: dict[tuple[object, ...], tuple[Diagnostic, dict[Way, None]]] = {}
    for one in sorted(diagnostics, key=_order):
        key = (one.file, one.line, one.column, one.code, one.detail, one.fix)
        _, uses = found.setdefault(key, (one, {}))
        uses.update(dict.fromkeys([ends_of(one)] if one.used_at else ()))
    return [(one, tuple(uses)) for one, uses in found.values()]


def ends_of(found: Diagnostic) -> Way:
    """The line that uses the module of the problem, then the line of the stack that leads there, if that is another."""
    return tuple(dict.fromkeys((*found.used_at[-1:], *found.used_at[:1])))


def _use_words(uses: Sequence[Way], excerpts: Excerpts) -> tuple[Words | Link, ...]:
    if not uses:
        return ()
    rest = len(uses) - 1
    more = f" and {rest} more place{'s' if rest > 1 else ''}" if rest else ""
    near, *far = (Link(str(one), _url(one, excerpts)) for one in uses[0])
    way = [part for one in far for part in (Words(", which is used at "), one)]
    return Words(" (used at "), near, *way, Words(f"{more})")


def known_blocks(known: Sequence[Diagnostic]) -> Iterator[Block]:
    """What is said of problems that were there before the pull request: how many, and where."""
    if known:
        places = ", ".join(f"`{place}`" for place in sorted({str(found.span) for found in known}))
        words = f"Not from this pull request: {count_words(known)} at {places}."
        yield Paragraph(spans=(Words(words),), tone="warning", rank=Rank.VITAL)


def count_words(diagnostics: Sequence[Diagnostic]) -> str:
    """The number of problems in words, each counted once as it is told: ``2 errors, 1 warning``."""
    told = [found for found, _ in _by_place(diagnostics)]
    errors = sum(found.is_error for found in told)
    parts = []
    for number, name in ((errors, "error"), (len(told) - errors, "warning")):
        if number:
            parts.append(f"{number} {name}{'s' if number > 1 else ''}")
    return ", ".join(parts) or "no problems"


def _order(found: Diagnostic) -> tuple[bool, str, int, int, str]:
    return not found.is_error, found.file, found.line, found.column, found.code


def _url(span: SourceSpan, excerpts: Excerpts) -> str:
    if not excerpts.blob_base:
        return ""
    return f"{excerpts.blob_base}/{span.file}#L{span.line}"


def _excerpt(line: str, column: int) -> tuple[str, ...]:
    """The line around the column, with a mark below the column if it is visible."""
    start = max(0, column - 1 - _EXCERPT_WIDTH // 2)
    shown = line[start : start + _EXCERPT_WIDTH].replace("\t", " ")
    at = column - 1 - start
    return (shown, f"{' ' * at}^") if 0 <= at <= len(shown) else (shown,)
