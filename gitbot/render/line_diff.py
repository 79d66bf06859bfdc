"""Compares two values line by line; unchanged lines are folded, changed ones never. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from gitbot.render.blocks import DiffLine, Sign
from gitbot.render.values import ValueLine

_AROUND = 2  # unchanged lines that are shown before and after a change
_AROUND_SIGNS = 40  # the same inside a long line, in characters
_LONGEST_COMPARED = 2_000  # lines; comparing takes quadratic time
_LONGEST_LINE = 1_000
_GOES_ON = "⤷ "


def line_diff(was: Sequence[ValueLine], will: Sequence[ValueLine]) -> Iterator[DiffLine]:
    """The lines that go and come, with two unchanged ones around each change."""
    lines = tuple(_compared(was, will))
    shown = {
        near
        for index, (sign, _) in enumerate(lines)
        if sign is not Sign.NOTE
        for near in range(index - _AROUND, index + _AROUND + 1)
    }
    folded: list[str] = []
    for index, (sign, text) in enumerate(lines):
        if index not in shown:
            folded.append(text)
            continue
        yield from _fold(folded)
        folded.clear()
        yield DiffLine(sign, text)
    yield from _fold(folded)


def _fold(texts: Sequence[str]) -> Iterator[DiffLine]:
    """One line in place of several; a single line stays as it is."""
    if len(texts) > 1:
        yield DiffLine(Sign.NOTE, f"  … {len(texts)} equal lines")
    else:
        yield from (DiffLine(Sign.NOTE, text) for text in texts)


def _compared(was: Sequence[ValueLine], will: Sequence[ValueLine]) -> Iterator[tuple[Sign, str]]:
    start, end = _shared(was, will)
    yield from _signed(Sign.NOTE, was[:start])
    old, new = was[start : len(was) - end], will[start : len(will) - end]
    if len(old) + len(new) > _LONGEST_COMPARED:
        yield from _signed(Sign.REMOVE, old)
        yield from _signed(Sign.ADD, new)
    else:
        for tag, i, j, k, m in SequenceMatcher(None, old, new).get_opcodes():
            if tag == "equal":
                yield from _signed(Sign.NOTE, old[i:j])
            else:
                yield from _signed(Sign.REMOVE, old[i:j])
                yield from _signed(Sign.ADD, new[k:m])
    yield from _signed(Sign.NOTE, was[len(was) - end :])


def _signed(sign: Sign, lines: Sequence[ValueLine]) -> Iterator[tuple[Sign, str]]:
    return ((sign, line.text) for line in lines)


def _shared(was: Sequence[object], will: Sequence[object]) -> tuple[int, int]:
    """How many elements are equal at the start, and how many of the others at the end."""
    most = min(len(was), len(will))
    start = next((at for at in range(most) if was[at] != will[at]), most)
    rest = range(most - start)
    end = next((at for at in rest if was[-1 - at] != will[-1 - at]), most - start)
    return start, end


def long_line_diff(before: str, after: str) -> Iterator[DiffLine]:
    """Two long lines, from the first character that differs to the last, with some around."""
    start, end = _shared(before, after)
    skipped = max(0, start - _AROUND_SIGNS)
    left = max(0, end - _AROUND_SIGNS)
    lead = f"… {skipped} equal characters, then " if skipped else ""
    tail = f" … and {left} equal characters" if left else ""
    for sign, text in ((Sign.REMOVE, before), (Sign.ADD, after)):
        yield DiffLine(sign, f"  {lead}{text[skipped : len(text) - left]}{tail}")


def wrapped(lines: Iterator[DiffLine]) -> Iterator[DiffLine]:
    """The lines, those of more than 1,000 characters on several."""
    for line in lines:
        for start in range(0, max(1, len(line.text)), _LONGEST_LINE):
            piece = line.text[start : start + _LONGEST_LINE]
            yield DiffLine(line.sign, f"{_GOES_ON}{piece}" if start else piece)
