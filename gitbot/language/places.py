"""Finds where a file says something that only the whole tree shows to be wrong. Pure."""

from __future__ import annotations

import re

from gitbot.language.nodes import Mark
from gitbot.model.diagnostic import SourceSpan
from gitbot.model.tree import SpecTree

_COMMENT = re.compile(r"(?m)(?:^|(?<=[ \t]))#.*$")


def place_in(tree: SpecTree, source: SourceSpan, pattern: str) -> Mark:
    """Where the group ``at`` of the pattern stands first in the file; else where ``source`` says.

    Comments do not count.
    """
    entry = tree.entries.get(source.file)
    content = b"" if entry is None or entry.content is None else entry.content
    text = content.decode("utf-8-sig", "replace")
    plain = _COMMENT.sub(lambda found: " " * len(found.group()), text)
    found = re.search(pattern, plain, re.IGNORECASE | re.DOTALL)
    if found is None:
        return source.line, source.column
    start = found.start("at")
    return plain.count("\n", 0, start) + 1, start - plain.rfind("\n", 0, start)
