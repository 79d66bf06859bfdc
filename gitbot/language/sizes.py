"""Measures evaluated values, because a few lines of expressions can make gigabytes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

MOST_IN_A_FILE: Final = 5_000_000
MOST_IN_A_TREE: Final = 50_000_000
MOST_BOUND_AT_ONCE: Final = 20_000_000
_ENTRY = 8


def size_of(value: Any) -> int:
    """The characters of all texts of the tree, and 8 for every other leaf and every entry."""
    total = 0
    waiting = [value]
    while waiting:
        one = waiting.pop()
        kind = type(one)
        if kind is str:
            total += len(one)
        elif kind is int or kind is bool:  # the usual ones, and no tree
            total += _ENTRY
        elif kind is dict:
            total += len("".join(one)) + _ENTRY * len(one)
            for item in one.values():
                if type(item) is str:
                    total += len(item)
                else:
                    waiting.append(item)
        elif kind is list or kind is tuple:
            total += _ENTRY * len(one)
            waiting.extend(one)
        elif isinstance(one, Mapping):
            total += sum(map(len, one)) + _ENTRY * len(one)
            waiting.extend(one.values())
        else:
            total += _ENTRY
            inside = getattr(one, "inputs", None) or getattr(one, "value", None)
            if inside is not None:
                waiting.append(inside)
    return total
