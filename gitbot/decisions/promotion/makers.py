"""Says who counts as an author of a promotion, and why. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

REBUILT: Final = "commanded `/promote rebuild`"
_EARLIER: Final = "made or commanded what it brought before"


def who_made(
    parts: Iterable[tuple[Collection[str], str]], earlier: Collection[str] = ()
) -> dict[str, str]:
    """Everybody by login, sorted, with what they did as a clause.

    ``parts`` are people and what they did. ``earlier`` are those who were counted before: whoever counted
    once as an author of a pull request goes on to do so.
    """
    found: dict[str, list[str]] = {}
    for people, what in parts:
        for one in people:
            found.setdefault(one, []).append(what)
    for one in earlier:
        found.setdefault(one, [_EARLIER])
    return {one: ", ".join(dict.fromkeys(found[one])) for one in sorted(found)}
