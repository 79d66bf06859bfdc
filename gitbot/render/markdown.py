"""Renders blocks as GitHub's Markdown, within the length of a comment. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from gitbot.render.blocks import (
    Block,
    Bullets,
    Code,
    Diff,
    DiffLine,
    Fold,
    Heading,
    Link,
    Paragraph,
    Plain,
    Rank,
    Sign,
    Source,
    Span,
    Spans,
    Strong,
    Words,
)
from gitbot.render.escape import address, clean, code, fence, markup, plain, sentence

LONGEST_COMMENT = 65_536
"""https://github.com/orgs/community/discussions/41331"""

# GitHub colours a line of a diff by its first character; "~" is not one of them, "!" is.
_SIGNS = {Sign.ADD: "+", Sign.REMOVE: "-", Sign.CHANGE: "!", Sign.NOTE: " "}
_GAP = "\n\n"


def markdown(blocks: Sequence[Block], longest: int = LONGEST_COMMENT) -> str:
    """The blocks in order, in at most ``longest`` characters.

    If they are too long, the largest folds lose their content first. Then whole blocks are left
    out, details first. A note at the end says what is missing.
    """
    texts = [_block(block) for block in blocks]
    size = sum(len(text) + len(_GAP) for text in texts)
    if size <= longest:
        return _GAP.join(texts)
    shut: set[int] = set()
    for index in sorted(range(len(blocks)), key=lambda each: -len(texts[each])):
        block = blocks[index]
        if size <= longest - _NOTE_SIZE:
            break
        if isinstance(block, Fold):
            closed = _closed(block)
            size -= len(texts[index]) - len(closed)
            texts[index] = closed
            shut.add(index)
    if size > longest - _NOTE_SIZE:
        return _most_important(blocks, texts, longest - _NOTE_SIZE, shut)
    return _GAP.join([*texts, _note(len(shut), 0)])


_NOTE_SIZE = 300


def _most_important(
    blocks: Sequence[Block], texts: Sequence[str], longest: int, shut: set[int]
) -> str:
    kept: set[int] = set()
    room = longest
    # Keep the vital blocks first, then others while there is room.
    for index in sorted(range(len(blocks)), key=lambda each: (blocks[each].rank, each)):
        needed = len(texts[index]) + len(_GAP)
        if needed <= room:
            kept.add(index)
            room -= needed
    shown = [text for index, text in enumerate(texts) if index in kept]
    return _GAP.join([*shown, _note(len(shut & kept), len(texts) - len(kept))])


def _note(closed: int, dropped: int) -> str:
    parts = []
    if closed:
        parts.append(f"the details of {closed} {'entry' if closed == 1 else 'entries'}")
    if dropped:
        parts.append(f"{dropped} more {'part' if dropped == 1 else 'parts'}")
    return (
        f"_This text was too long for a comment: {' and '.join(parts)} were left "
        "out. `gitbot plan` in a checkout of this commit shows everything._"
    )


def _block(block: Block) -> str:
    match block:
        case Heading():
            return f"{'#' * block.level} {spans_markdown(block.spans)}"
        case Paragraph():
            return spans_markdown(block.spans)
        case Bullets():
            return "\n".join(f"- {spans_markdown(item)}" for item in block.items)
        case Diff():
            return _diff(block.lines)
        case Source():
            return fence([clean(line) for line in block.lines], "yaml")
        case Fold():
            return _fold(block)
        case _:
            assert_never(block)


def _fold(block: Fold) -> str:
    parts = [spans_markdown(remark) for remark in block.remarks]
    if block.diff:
        parts.append(_diff(block.diff))
    if not parts:
        return _closed(block)
    summary = f"<summary>{_title(block)}</summary>"
    return f"<details>{summary}\n\n{_GAP.join(parts)}\n\n</details>"


def _closed(block: Fold) -> str:
    return f"<p>{_title(block)}</p>"


def _title(block: Fold) -> str:
    """The title as HTML, because GitHub does not read Markdown in the line of a tag."""
    return f"{markup(block.symbol)} <b><code>{markup(block.name)}</code></b> {markup(block.about)}"


def _diff(lines: Sequence[DiffLine]) -> str:
    return fence([f"{_SIGNS[line.sign]} {clean(line.text)}" for line in lines], "diff")


def spans_markdown(spans: Spans) -> str:
    """The spans as one line of Markdown."""
    return "".join(_span(span) for span in spans)


def _span(span: Span) -> str:
    match span:
        case Words(text):
            lead = " " if text[:1] == " " else ""
            trail = " " if text[-1:] == " " and text.strip() else ""
            return f"{lead}{sentence(text)}{trail}"
        case Plain(text):
            return plain(text)
        case Code(text):
            return code(text)
        case Strong(text):
            return f"**{sentence(text)}**"
        case Link(text, url):
            return f"[{code(text)}]({address(url)})" if url else code(text)
        case _:
            assert_never(span)


__all__ = ["LONGEST_COMMENT", "Rank", "markdown", "spans_markdown"]
