"""Renders blocks as GitHub's Markdown, whole. Pure."""

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
GAP = "\n\n"


def markdown(blocks: Sequence[Block]) -> str:
    """The blocks in order, as one text of any length: see ``pages`` for what must fit comments."""
    return GAP.join(map(block_markdown, blocks))


def block_markdown(block: Block) -> str:
    """One block as Markdown, whole."""
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
    return f"<details>{summary}\n\n{GAP.join(parts)}\n\n</details>"


def _closed(block: Fold) -> str:
    return f"<p>{_title(block)}</p>"


def _title(block: Fold) -> str:
    """The title as HTML, because GitHub does not read Markdown in the line of a tag."""
    return f"{markup(block.symbol)} <b><code>{markup(block.name)}</code></b> {markup(block.about)}"


def _diff(lines: Sequence[DiffLine]) -> str:
    return fence(
        [f"{_SIGNS[line.sign]} {clean(line.text, len(line.text))}" for line in lines], "diff"
    )


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
