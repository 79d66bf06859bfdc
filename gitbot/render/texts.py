"""Reads the text that a string holds: a script, base64 of one, or JSON. Pure."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_SHORTEST_BASE64 = 12
_LONGEST_UNPACKED = 4_000_000  # bytes; a small archive can hold a text of any size
_DEEPEST_JSON = 40
_GZIP = 31  # zlib's name for "with a gzip header"
# A text of people has no other control characters than these.
_BLANKS = frozenset("\t\n\r\x0b\x0c\x1b")


@dataclass(frozen=True, slots=True)
class Text:
    """The lines that a string holds. ``how`` says how they were read, or is empty."""

    lines: tuple[str, ...]
    how: str = ""


def text_of(value: str) -> Text | None:
    """The text that the string holds; None for a string that is one plain line.

    What is decoded gives the string back when it is encoded again, except for the layout of JSON
    and the packing of gzip. So two strings with the same lines may still differ there.
    """
    decoded, how = _unpacked(value)
    if (data := _json(decoded)) is not None:
        lines = tuple(json.dumps(data, indent=2, ensure_ascii=False).split("\n"))
        return Text(lines, f"{how}, JSON" if how else "JSON in a string")
    if how or "\n" in decoded:
        return Text(tuple(decoded.split("\n")), how)
    return None


def _unpacked(value: str) -> tuple[str, str]:
    """The string without its base64 and gzip, and how it was read."""
    if len(value) < _SHORTEST_BASE64 or len(value) % 4:
        return value, ""
    try:
        data = base64.b64decode(value, validate=True)
        if base64.b64encode(data).decode() != value:
            return value, ""
    except (binascii.Error, ValueError):
        return value, ""
    how = "decoded from base64"
    if data[:2] == b"\x1f\x8b":
        data, how = _gunzipped(data), "decoded from base64 and gzip"
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return value, ""
    return (text, how) if text and _is_readable(text) else (value, "")


def _gunzipped(data: bytes) -> bytes:
    """The unpacked bytes; the same bytes when they cannot be unpacked as a whole."""
    unpacking = zlib.decompressobj(_GZIP)
    try:
        unpacked = unpacking.decompress(data, _LONGEST_UNPACKED)
    except zlib.error:
        return data
    whole = unpacking.eof and not unpacking.unused_data
    return unpacked if whole else data


def _is_readable(text: str) -> bool:
    return all(sign >= " " or sign in _BLANKS for sign in text)


def _json(text: str) -> Any:
    """The object or list that the text is, if each key of it stands there once; else None."""
    if text[:1] not in ("{", "[") and text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        data = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return None
    return data if data and _is_shallow(data) else None


def _is_shallow(data: Any) -> bool:
    """Whether writing the data on lines needs no more levels than a person could read."""
    level = [data]
    for _ in range(_DEEPEST_JSON):
        level = [
            item
            for one in level
            if isinstance(one, (dict, list))
            for item in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return True
    return False


def _once(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands there twice")
    return found
