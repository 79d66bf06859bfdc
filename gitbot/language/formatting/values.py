"""Writes values that need no order: scalars, text blocks and brackets. Pure."""

from __future__ import annotations

import re

from gitbot.language.editing.literals import double, scalar
from gitbot.language.editing.pieces import EditError, Entry, Piece, Style

_HEADER = re.compile(r"[|>][-+]?([1-9]?)[-+]?")


def value_lines(text: str, piece: Piece, before: int, now: int) -> list[str]:
    """The lines of a value that is no map or list in block style; the first without indentation.

    ``before`` and ``now`` are the columns of the map or list that it stands in.
    """
    raw = text[piece.start : piece.end]
    if piece.style in (Style.LITERAL, Style.FOLDED):
        return _block(raw, before, now)
    if piece.style is Style.FLOW:
        return [_flow(text, piece)] if _is_simple(raw) else _shifted(raw, before, now)
    first, *rest = raw.split("\n")
    if rest:
        return [first, *(_continued(line, now) for line in rest)]
    return [quoted_as_usual(piece, raw)]


def quoted_as_usual(piece: Piece, raw: str) -> str:
    """The scalar in double quotes if it was quoted, in single ones where that needs no escapes."""
    if piece.style not in (Style.SINGLE, Style.DOUBLE) or not isinstance(piece.plain, str):
        return raw
    value = piece.plain
    if '"' in value or "\\" in value:
        return scalar(value, quote="'") if "'" not in value else double(value)
    return double(value)


def key_text(text: str, entry: Entry) -> str:
    """The key of a map's entry.

    Raises:
        EditError: it is written with a question mark.
    """
    raw = text[entry.start : entry.after].rstrip().removesuffix(":").rstrip()
    if raw.startswith("?") or "\n" in raw:
        raise EditError("It has a key with a question mark, or one over several lines.")
    if raw[:1] not in ("'", '"'):
        return raw
    style = Style.SINGLE if raw[0] == "'" else Style.DOUBLE
    return quoted_as_usual(Piece(start=0, end=0, style=style, plain=entry.key), raw)


def _is_simple(raw: str) -> bool:
    return "\n" not in raw and "#" not in raw


def _flow(text: str, piece: Piece) -> str:
    """The brackets on one line, with a space behind each comma and colon."""
    if piece.style is not Style.FLOW:
        raw = text[piece.start : piece.end]
        return quoted_as_usual(piece, raw)
    if any(one.piece.style is Style.PAIR or not _is_full(one.piece) for one in piece.entries):
        return text[piece.start : piece.end]
    if isinstance(piece.plain, list):
        return "[" + ", ".join(_flow(text, one.piece) for one in piece.entries) + "]"
    pairs = (f"{key_text(text, one)}: {_flow(text, one.piece)}" for one in piece.entries)
    return "{" + ", ".join(pairs) + "}"


def _is_full(piece: Piece) -> bool:
    return piece.start < piece.end


def _shifted(raw: str, before: int, now: int) -> list[str]:
    """Brackets over several lines: each line stays where it is beside what is around it."""
    first, *rest = raw.split("\n")
    lines = [first]
    for line in rest:
        bare = line.lstrip(" ")
        column = max(now, len(line) - len(bare) + now - before)
        lines.append(" " * column + bare if bare else "")
    return lines


def _continued(line: str, now: int) -> str:
    bare = line.lstrip(" \t")
    return " " * (now + 2) + bare if bare else ""


def _block(raw: str, before: int, now: int) -> list[str]:
    header, *lines = raw.split("\n")
    found = _HEADER.match(header)
    digit = found.group(1) if found else ""
    if digit:
        shift = now - before
        return [header, *(_moved(line, before + int(digit), shift) for line in lines)]
    full = next((line for line in lines if line.strip(" ")), None)
    if full is None:
        return [header, *("" for _ in lines)]
    column = len(full) - len(full.lstrip(" "))
    return [header, *(_moved(line, column, now + 2 - column) for line in lines)]


def _moved(line: str, column: int, shift: int) -> str:
    """A line of a text block, whose own text begins at ``column``."""
    text = line[column:]
    return " " * (column + shift) + text if text else ""
