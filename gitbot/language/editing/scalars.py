"""Replaces one value that stands on its own: each function gives texts to choose from. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

from gitbot.language.editing import lines
from gitbot.language.editing.literals import double, flow, scalar, single
from gitbot.language.editing.pieces import BREAK, Entry, Piece, Style

_BREAK = re.compile(BREAK)
_QUOTED = (Style.SINGLE, Style.DOUBLE)
_INLINE = (Style.PLAIN, *_QUOTED)


def replaced(text: str, entry: Entry, value: Any, *, within: bool) -> Iterator[str]:
    """The text with the entry's value replaced by one that needs no lines of its own.

    ``within``: the entry stands within brackets.
    """
    piece = entry.piece
    for new in _written(text, piece, value, within):
        if piece.start < piece.end:
            yield text[: piece.start] + new + text[piece.end :]
        else:
            behind = text[piece.end :] if within else text[piece.end :].lstrip(" \t")
            behind = behind if within or _BREAK.match(behind) or not behind else f" {behind}"
            yield text[: entry.after] + " " + new + behind
            yield text[: piece.start] + ": " + new + text[piece.end :]


def _written(text: str, piece: Piece, value: Any, within: bool) -> Iterator[str]:
    if isinstance(value, (dict, list)):
        yield flow(value)
        return
    raw = text[piece.start : piece.end]
    if isinstance(value, str) and isinstance(piece.plain, str):
        if piece.style is Style.LITERAL:
            yield from _literal(raw, value)
        elif _BREAK.search(raw):
            yield from _by_words(raw, piece, value)
        if piece.style in _INLINE:
            yield scalar(value, within=within, quote=piece.style.value)
    yield scalar(value, within=within)
    if isinstance(value, str):
        yield double(value)


def _literal(raw: str, value: str) -> Iterator[str]:
    """The text as a ``|`` block with the header and the indentation that stand there."""
    header, *body = _BREAK.split(raw)
    line_break = lines.break_of(raw)
    full = next((line for line in body if line.strip()), "")
    digits = re.search(r"[1-9]", header.split("#")[0])
    if digits:
        # The number counts from the parent's indentation, which the first line does not tell.
        return
    indent = full[: len(full) - len(full.lstrip(" "))]
    chomp = "+" if value.endswith("\n\n") else "" if value.endswith("\n") else "-"
    new_header = re.sub(r"^\|[+-]?", "|" + chomp, header)
    new = (value[:-1] if value.endswith("\n") else value).split("\n")
    yield line_break.join([new_header, *(indent + line if line else "" for line in new)])


def _by_words(raw: str, piece: Piece, value: str) -> Iterator[str]:
    """The folded text with single words changed, so that the other lines stay as they are."""
    quote = piece.style.value if piece.style in _QUOTED else ""
    head, inner = "", raw
    if quote:
        head, inner = quote, raw[1:-1]
    elif piece.style is Style.FOLDED:
        found = _BREAK.search(raw)
        cut = found.end() if found else 0
        head, inner = raw[:cut], raw[cut:]
    parts = re.split(r"(\s+)", inner)
    old, new = piece.plain.split(), value.split()
    first = 0 if parts[0] else 2
    words = [part for part in parts[first::2] if part]
    if [_escaped(word, piece.style) for word in old] != words:
        return
    yield (
        head
        + "".join(parts[:first])
        + _changed_words(parts[first:], old, [*new], piece.style)
        + quote
    )


def _changed_words(parts: list[str], old: list[str], new: list[str], style: Style) -> str:
    words, gaps = parts[0::2], [*parts[1::2], ""]
    result = ""
    for kind, start, end, at, stop in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        fresh = [_escaped(word, style) for word in new[at:stop]]
        if kind == "equal":
            fresh = words[start:end]
        for number, word in enumerate(fresh):
            has_gap = start + number < end
            is_last = at + number + 1 == len(new)
            gap = gaps[start + number] if has_gap else " "
            if start + number + 1 == len(old) and not is_last:
                gap = " "
            result += word + ("" if is_last else gap or " ")
    trailing = gaps[len(words) - 1] if words and not words[-1] else ""
    return result + trailing


def _escaped(word: str, style: Style) -> str:
    if style is Style.SINGLE:
        return single(word)[1:-1]
    return double(word)[1:-1] if style is Style.DOUBLE else word


def inline(value: Any) -> str:
    """The value on one line, outside of brackets."""
    return flow(value) if isinstance(value, (dict, list)) else scalar(value)
