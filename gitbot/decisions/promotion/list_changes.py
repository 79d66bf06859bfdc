"""Merges two changes of one list where they do not meet. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """The items ``start`` to ``end`` of the base become ``items``."""

    start: int
    end: int
    items: tuple[str, ...]

    def meets(self, other: _Change) -> bool:
        at_one_place = self.start == self.end == other.start == other.end
        return at_one_place or (self.start < other.end and other.start < self.end)


def merged(base: list[Any], source: list[Any], target: list[Any]) -> list[Any] | None:
    """The list with both changes; None when they meet, or when it is not clear what each did.

    It is clear when a second merge changes nothing, and taking the source's change back gives the
    target.
    """
    items = {_text(item): item for item in (*base, *source, *target)}
    texts = [[_text(item) for item in one] for one in (base, source, target)]
    found = _merged(*texts)
    if found is None or _merged(texts[0], texts[1], found) != found:
        return None
    back = _merged(texts[1], texts[0], found)
    shared = set(_changes(texts[0], texts[1])) & set(_changes(texts[0], texts[2]))
    return None if back != texts[2] and not shared else [items[one] for one in found]


def _text(item: Any) -> str:
    return json.dumps(item, sort_keys=True)


def _merged(base: list[str], source: list[str], target: list[str]) -> list[str] | None:
    ours, theirs = _changes(base, target), _changes(base, source)
    fresh = [one for one in theirs if one not in ours]
    if any(one.meets(other) for one in fresh for other in ours):
        return None
    found = list(base)
    for change in sorted([*ours, *fresh], key=lambda one: (one.start, one.end), reverse=True):
        found[change.start : change.end] = change.items
    return found


def _changes(base: list[str], now: list[str]) -> list[_Change]:
    codes = SequenceMatcher(None, base, now, autojunk=False).get_opcodes()
    return [
        _Change(start=start, end=end, items=tuple(now[at:stop]))
        for kind, start, end, at, stop in codes
        if kind != "equal"
    ]
