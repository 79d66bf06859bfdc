"""Read the commits and tags that specs take modules and calendars from. Shell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from gitbot.language.pins import MOST_VERSIONS
from gitbot.language.versions import named_commits, named_tags
from gitbot.model.names import Sha
from gitbot.model.tree import TreeEntry, Version

MOST_BYTES = 64_000_000


class Versions(Protocol):
    """Where versions are read."""

    def version(self, name: str, tip: Sha) -> Version:
        """What a commit or tag of this name has of modules and calendars."""


def read_versions(
    git: Versions, entries: Mapping[str, TreeEntry], tip: Sha | None
) -> dict[str, Version]:
    """The versions that the entries name, by name; those that they name in turn, too.

    Each costs a look into the repository. What is beyond ``MOST_VERSIONS``, or beyond
    ``MOST_BYTES`` of them all, is left out.
    """
    found: dict[str, Version] = {}
    left = MOST_BYTES
    waiting = [*named_commits(entries), *named_tags(entries)] if tip is not None else []
    while waiting and tip is not None and len(found) < MOST_VERSIONS and left > 0:
        name = waiting.pop(0)
        if name not in found:
            found[name] = git.version(name, tip)
            entries_there = found[name].entries
            left -= sum(len(one.content or b"") for one in entries_there.values())
            waiting += named_tags(entries_there)
    return found


def unborn_versions(entries: Mapping[str, TreeEntry]) -> dict[str, Version]:
    """What the entries name, by name, in a repository that has no commit yet."""
    names = (*named_commits(entries), *named_tags(entries))
    return dict.fromkeys(names[:MOST_VERSIONS], Version(unborn=True))
