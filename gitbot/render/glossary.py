"""Explains the words of gitbot that a text uses, below the text itself. Pure.

gitbot does not know at which address its documentation stands for the reader, so the meaning comes with
the comment (docs/adr/0033). ``docs/glossary.md`` has the same words; a test ties them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import assert_never

from gitbot.render.blocks import (
    Block,
    Bullets,
    Diff,
    Fold,
    Heading,
    Paragraph,
    Rank,
    Source,
    Spans,
    Strong,
    Words,
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of ours: its row in ``docs/glossary.md``, how it occurs, and what it means, in short."""

    name: str
    pattern: re.Pattern[str]
    meaning: str


def _word(name: str, pattern: str, meaning: str) -> Word:
    return Word(name, re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE), meaning)


WORDS = (
    _word(
        "digest",
        "digests?",
        "the short name of exactly one plan. A plan that does anything else has another digest.",
    ),
    _word(
        "held",
        "held",
        "not done. It waits until somebody who may apply comments the command that names its digest.",
    ),
    _word(
        "claim",
        "claim(?:s|ed)?",
        "a pull request that applies before its merge keeps these stacks for itself: nothing else "
        "changes them until it is merged, closed or gives them back.",
    ),
    _word("tracked branch", "tracked branch", "the branch that gitbot applies to the cloud."),
    _word(
        "adopt",
        "adopt(?:s|ed)?",
        "to take an object that exists already under gitbot's management, instead of making one.",
    ),
    _word(
        "state",
        "out of state|in state",
        "what gitbot has noted of the objects that it made. What is not in it, gitbot leaves alone.",
    ),
)


def words_of(blocks: Iterable[Block]) -> Fold | None:
    """A fold that explains the words that these blocks use; None when they use none."""
    said = " ".join(text for block in blocks for text in _texts(block))
    used = [word for word in WORDS if word.pattern.search(said)]
    if not used:
        return None
    return Fold(
        symbol="?",
        name="words",
        about=f"what is meant here by {', '.join(word.name for word in used)}",
        remarks=tuple((Strong(word.name), Words(f": {word.meaning}")) for word in used),
        rank=Rank.DETAIL,
    )


def _texts(block: Block) -> Iterator[str]:
    """The sentences of gitbot in the block, without what others wrote."""
    match block:
        case Heading() | Paragraph():
            yield from _said(block.spans)
        case Bullets():
            for item in block.items:
                yield from _said(item)
        case Fold():
            yield block.about
            for remark in block.remarks:
                yield from _said(remark)
        case Diff() | Source():
            return
        case _:
            assert_never(block)


def _said(spans: Spans) -> Iterator[str]:
    return (span.text for span in spans if isinstance(span, (Words, Strong)))
