"""Says what to do about an environment that the tracked branch does not have. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from gitbot.language.files import home_path_of


def unknown_environment(name: str, known: Collection[str], *, broken: bool) -> str:
    """Why there are no rules for the environment of this name, and what to write instead.

    ``known`` are the environments of the tracked branch that can be read. ``broken``: it has a file
    for this one too.
    """
    file = home_path_of(name)
    if broken:
        return f"`{file}` on the tracked branch has errors: correct them first"
    if not known:
        return "the tracked branch has no environment: add a folder of `specs/` with one first"
    by_lower = {each.lower(): each for each in sorted(known)}
    close = difflib.get_close_matches(name.lower(), by_lower, n=1)
    meant = f"; did you mean `{by_lower[close[0]]}`?" if close else ""
    names = ", ".join(f"`{each}`" for each in sorted(known))
    return f"the tracked branch has no environment `{name}` (it has {names}){meant}"
