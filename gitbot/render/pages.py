"""Lays a text out on as many comments as it needs, and says what did not fit. Pure.

A block is shown whole or not at all, and never cut. When there is no room for all of them, those
with the lowest rank are left out first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from gitbot.render.blocks import (
    Block,
    Bullets,
    Code,
    Diff,
    DiffLine,
    Fold,
    Paragraph,
    Rank,
    Source,
    Spans,
    Strong,
    Words,
)
from gitbot.render.escape import clean
from gitbot.render.glossary import words_of
from gitbot.render.markdown import GAP, LONGEST_COMMENT, block_markdown, spans_markdown

T = TypeVar("T")

ROOM_FOR_MARKER = 512
LONGEST_PAGE = LONGEST_COMMENT - ROOM_FOR_MARKER
MOST_PAGES = 8
_NOTICE = 4_000  # the blocks that say what was left out
_MOST_NAMED = 20
_HEADER = 400  # the lines at the top of a page that say which one it is


@dataclass(frozen=True, slots=True)
class Part:
    """A block, and the stack that it tells of (``dev/web``); empty for the text as a whole."""

    block: Block
    of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """The texts of the comments, and by stack how many of its blocks none of them has."""

    texts: tuple[str, ...]
    left_out: Counter[str]


def pages(
    name: str,
    lead: Sequence[Block],
    parts: Sequence[Part],
    *,
    longest: int = LONGEST_PAGE,
    most: int = MOST_PAGES,
) -> Pages:
    """The text on at most ``most`` pages of ``longest`` characters.

    ``name`` is what it is ("plan"). ``lead`` begins the first page. If something is left out, a
    notice says so behind it, by number. The last page ends with what our words in the text mean.
    """
    words = words_of([*lead, *(part.block for part in parts)])
    meanings = "" if words is None else block_markdown(words)
    longest -= len(meanings) + len(GAP)
    piece = min(longest // 4, 12_000)
    pieces = [tuple(_pieces(part.block, piece)) for part in parts]
    fits = [all(len(text) <= piece for text in texts) for texts in pieces]
    top = [block_markdown(block) for block in lead]
    whole = [each for each, fit in enumerate(fits) if fit]
    found = _packed(top, _chosen(parts, pieces, whole), longest - _HEADER)
    if len(found) > most or len(whole) < len(parts):
        room = most * (longest - piece - _HEADER) - _NOTICE - sum(map(len, top))
        whole = _most_important(parts, pieces, whole, room)
        kept = frozenset(whole)
        left_out = Counter(part.of for each, part in enumerate(parts) if each not in kept)
        top += [block_markdown(block) for block in _notice(name, left_out)]
        found = _packed(top, _chosen(parts, pieces, whole), longest - _HEADER)
    else:
        left_out = Counter()
    if meanings:
        found[-1].texts.append(meanings)
    return Pages(texts=tuple(_texts(name, found)), left_out=left_out)


def _notice(name: str, left_out: Counter[str]) -> Iterator[Block]:
    number = left_out.total()
    yield Paragraph(
        spans=(
            Strong(f"⚠ Not all of this {name} is shown"),
            Words(
                f": {number} {'part' if number == 1 else 'parts'} found no room. A merge does not agree "
                "to what nobody could read: afterwards it waits, until somebody names its digest "
                "(`/apply`, the environment, the digest). `gitbot plan` in a checkout of this commit "
                "shows everything."
            ),
        ),
        tone="warning",
        rank=Rank.VITAL,
    )
    named = [(stack, parts) for stack, parts in left_out.items() if stack]
    items: list[Spans] = [
        (Code(stack), Words(f": {parts} left out")) for stack, parts in named[:_MOST_NAMED]
    ]
    if len(named) > _MOST_NAMED:
        items.append((Words(f"{len(named) - _MOST_NAMED} more stacks"),))
    if items:
        yield Bullets(items=tuple(items), rank=Rank.VITAL)


@dataclass(slots=True)
class _Page:
    """The texts of one page, and the stack that its first text tells of."""

    texts: list[str]
    of: str = ""


def _texts(name: str, found: Sequence[_Page]) -> Iterator[str]:
    for number, page in enumerate(found, start=1):
        if number > 1:
            goes_on = f", {spans_markdown((Code(page.of),))} goes on" if page.of else ""
            header = f"_The {name}, comment {number} of {len(found)}{goes_on}:_"
            yield GAP.join([header, *page.texts])
        elif len(found) > 1:
            title, *rest = page.texts
            header = f"_This is comment 1 of {len(found)}: the next comments of gitbot go on._"
            yield GAP.join([title, header, *rest])
        else:
            yield GAP.join(page.texts)


def _chosen(
    parts: Sequence[Part], pieces: Sequence[tuple[str, ...]], chosen: Sequence[int]
) -> Iterator[tuple[str, str]]:
    """The texts of the chosen parts in order, each with its stack."""
    for each in sorted(chosen):
        for text in pieces[each]:
            yield text, parts[each].of


def _packed(top: Sequence[str], texts: Iterator[tuple[str, str]], longest: int) -> Sequence[_Page]:
    page = _Page(list(top))
    found, size, before = [page], sum(len(text) + len(GAP) for text in top), ""
    for text, of in texts:
        if size + len(text) + len(GAP) > longest:
            page = _Page([], of if of == before else "")
            found.append(page)
            size = 0
        page.texts.append(text)
        size += len(text) + len(GAP)
        before = of
    return found


def _most_important(
    parts: Sequence[Part], pieces: Sequence[tuple[str, ...]], fits: Sequence[int], room: int
) -> list[int]:
    """The parts that have room together, of the lower rank and then the earlier first."""
    kept = []
    for each in sorted(fits, key=lambda each: (parts[each].block.rank, each)):
        needed = sum(len(text) + len(GAP) for text in pieces[each])
        if needed <= room:
            kept.append(each)
            room -= needed
    return kept


def _pieces(block: Block, longest: int) -> Iterator[str]:
    """The text of the block; on several texts if it is too long and has several lines."""
    text = block_markdown(block)
    if len(text) <= longest:
        yield text
        return
    match block:
        case Fold():
            yield from map(block_markdown, _folds(block, longest))
        case Bullets():
            for items in _groups(block.items, _bullet_size, longest):
                yield block_markdown(replace(block, items=tuple(items)))
        case Diff():
            for lines in _groups(block.lines, _line_size, longest):
                yield block_markdown(replace(block, lines=tuple(lines)))
        case Source():
            for texts in _groups(block.lines, len, longest):
                yield block_markdown(replace(block, lines=tuple(texts)))
        case _:
            yield text


def _folds(block: Fold, longest: int) -> Iterator[Fold]:
    title = replace(block, diff=())
    room = longest - len(block_markdown(replace(title, remarks=())))
    first = [title] if block.remarks else []
    groups = _groups(block.diff, _line_size, room // 2)
    folds = [*first, *(replace(title, remarks=(), diff=tuple(lines)) for lines in groups)]
    for number, fold in enumerate(folds, start=1):
        yield replace(fold, about=f"{block.about} (part {number} of {len(folds)})")


def _groups(items: Sequence[T], size: Callable[[T], int], longest: int) -> Iterator[list[T]]:
    """The items in groups whose sizes add up to at most ``longest``; a longer item is a group of
    its own."""
    group: list[T] = []
    used = 0
    for item in items:
        needed = size(item) + 1
        if group and used + needed > longest:
            yield group
            group, used = [], 0
        group.append(item)
        used += needed
    if group:
        yield group


def _line_size(line: DiffLine) -> int:
    """At least the length of the line as Markdown, without rendering it."""
    return len(clean(line.text, len(line.text))) * 5 // 4 + 3


def _bullet_size(item: Spans) -> int:
    return len(spans_markdown(item)) + 2
