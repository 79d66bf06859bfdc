"""Finds out where in a spec a place is, also while the text is half written. Pure.

Lines and columns count from 0 here, as editors count.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_KEY = re.compile(
    r"(?P<before> *(?:- +)*)(?P<quote>[\"']?)(?P<key>[\w.:/<>+-]+)(?P=quote)\s*:(?= |$)"
)
_IN_FLOW = re.compile(r"[\"']?([\w.:/-]+)[\"']?\s*:(?=\s|$)")
_CHAIN = re.compile(r"[A-Za-z_]\w*(?:\.\w*|\[(?:\"[^\"]*\"|'[^']*'|\d+)\])*")
_STEP = re.compile(r"\w+|\[(?:\"[^\"]*\"|'[^']*'|\d+)\]")
_SEPARATOR = re.compile(r"---(?: |$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """A place in a document.

    ``path`` are the keys that lead to it, without indexes of lists. ``is_key``: it is on the last of
    them, and not on its value. ``chain`` are the names of an expression up to the one at the place,
    ``vars``, ``my_ip``; None outside of ``${…}``. ``word`` is the value at the place.
    """

    path: tuple[str, ...]
    is_key: bool
    chain: tuple[str, ...] | None
    word: str


def cursor_at(lines: Sequence[str], line: int, column: int) -> Cursor:
    """Where the place is."""
    text = lines[line] if line < len(lines) else ""
    path, value_at = _path(lines, line, column)
    return Cursor(
        path=path,
        is_key=column < value_at,
        chain=_chain(text, column),
        word=_word(text, column),
    )


def typed_chain(text: str, column: int) -> tuple[str, ...] | None:
    """The names of the expression that is being written: the last is what is typed of a name so far.

    None outside of ``${…}``.
    """
    before = text[:column]
    opened = before.rfind("${")
    if opened < 0 or "}" in before[opened:] or before[:opened].endswith("$"):
        return None
    found = None
    for one in _CHAIN.finditer(before, opened + 2):
        if one.end() == column:
            found = one.group()
    if found is None:
        return ("",)
    steps = tuple(_plain(step) for step in _STEP.findall(found))
    return (*steps, "") if found.endswith((".", "]")) else steps


def typed_path(lines: Sequence[str], line: int, column: int) -> tuple[str, ...] | None:
    """The keys above the place where a key is being written; None where none can be."""
    text = lines[line] if line < len(lines) else ""
    before = text[:column]
    if re.fullmatch(r" *(?:- +)*\w*", before) is None:
        return _flow_path(lines, line, column)
    at = len(re.match(r" *(?:- +)*", before).group())  # type: ignore[union-attr]
    return _above(lines, line, at)


def _flow_path(lines: Sequence[str], line: int, column: int) -> tuple[str, ...] | None:
    before = lines[line][:column] if line < len(lines) else ""
    if re.search(r"[{,]\s*\w*$", before) is None or "{" not in before:
        return None
    path, _ = _path(lines, line, len(re.sub(r"\w*$", "", before)))
    return path


def _path(lines: Sequence[str], line: int, column: int) -> tuple[tuple[str, ...], int]:
    """The keys that lead to the place, and the column where the value of the last one begins."""
    text = lines[line] if line < len(lines) else ""
    found = _KEY.match(text)
    if found is None:
        start = len(text) - len(text.lstrip(" -"))
        inner, at = _in_flow(text, start, column)
        return (*_above(lines, line, start), *inner), at if inner else 0
    outer = (*_above(lines, line, len(found["before"])), found["key"])
    value_at = found.end()
    if column <= value_at:
        return outer, value_at
    inner, at = _in_flow(text, value_at, column)
    return (*outer, *inner), at


def _in_flow(text: str, start: int, column: int) -> tuple[tuple[str, ...], int]:
    """The keys within brackets that lead to the column, and where the value of the last begins."""
    stack: list[str | None] = []
    key: str | None = None
    key_end = at = start
    while at < min(column, len(text)):
        character = text[at]
        if character in "{[":
            stack.append(key)
            key = None
        elif character in "}]" and stack:
            key = stack.pop()
        elif character == ",":
            key = None
        elif (found := _IN_FLOW.match(text, at)) is not None and (
            not at or not text[at - 1].isalnum()
        ):
            key, key_end = found.group(1), found.end()
            at = found.end() - 1
        at += 1
    names = [one for one in (*stack, key) if one is not None]
    return tuple(names), key_end if key is not None else start


def _above(lines: Sequence[str], line: int, column: int) -> tuple[str, ...]:
    """The keys above that are less indented than the column, from outside to inside."""
    keys: list[str] = []
    for number in range(min(line, len(lines)) - 1, -1, -1):
        text = lines[number]
        if column <= 0 or _SEPARATOR.match(text):
            break
        found = _KEY.match(text)
        if (
            found is not None
            and not text.lstrip().startswith("#")
            and len(found["before"]) < column
        ):
            column = len(found["before"])
            keys.append(found["key"])
    return tuple(reversed(keys))


def _chain(text: str, column: int) -> tuple[str, ...] | None:
    opened = text.rfind("${", 0, column + 1)
    if opened < 0 or "}" in text[opened:column] or text[:opened].endswith("$"):
        return None
    for found in _CHAIN.finditer(text, opened + 2):
        if found.start() <= column <= found.end():
            steps = [
                one
                for one in _STEP.finditer(found.group())
                if found.start() + one.start() <= column
            ]
            return tuple(_plain(one.group()) for one in steps)
    return ()


def _plain(step: str) -> str:
    return step[1:-1].strip("\"'") if step.startswith("[") else step


def _word(text: str, column: int) -> str:
    for found in re.finditer(r"[\w:./@-]+", text):
        if found.start() <= column <= found.end():
            return found.group()
    return ""
