"""Patterns in which ``*`` stands for any text. Pure."""

from __future__ import annotations


def fits(pattern: str, text: str) -> bool:
    """Whether the text is the pattern's parts with any text between them.

    Takes linear time: neither the pattern nor the text need be reviewed.
    """
    first, *middle = pattern.split("*")
    if not middle:
        return text == first
    *middle, last = middle
    at = len(first)
    for part in middle:
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return text.startswith(first) and text.endswith(last) and len(text) >= at + len(last)
