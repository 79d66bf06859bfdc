"""Finds the resource type that is meant by a name which is none, or none that is managed. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from gitbot.language.problems import nearest

_ALIKE = 0.75
"""How like another a service must be spelt: services with like names have nothing in common."""
_ALMOST = 0.9


def meant_type(name: str, known: Iterable[str]) -> str:
    """``Did you mean "X"?`` with the nearest type of the same service; empty when none is near.

    The service may be misspelt, and so may the type; where both are spelt otherwise, nothing is near.
    """
    by_service: dict[str, dict[str, str]] = {}
    for one in known:
        service, _, word = one.rpartition("::")
        by_service.setdefault(service.casefold(), {})[word] = one
    service, _, word = name.rpartition("::")
    best = _service(service.casefold(), by_service)
    found = None if best is None else nearest(word, by_service[best])
    if best is not None and found is not None:
        return f'Did you mean "{by_service[best][found]}"?'
    whole = {one.casefold(): one for words in by_service.values() for one in words.values()}
    almost = difflib.get_close_matches(name.casefold(), whole, n=1, cutoff=_ALMOST)
    return f'Did you mean "{whole[almost[0]]}"?' if almost else ""


def _service(service: str, known: Iterable[str]) -> str | None:
    """The service that is meant, by what stands behind its vendor: every service of AWS begins alike."""
    vendor, _, own = service.rpartition("::")
    words = {one.rpartition("::")[2]: one for one in known if one.rpartition("::")[0] == vendor}
    close = difflib.get_close_matches(own, words, n=1, cutoff=_ALIKE)
    return words[close[0]] if close else None
