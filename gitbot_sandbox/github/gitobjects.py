"""Parse commits, trees and diffs as git writes them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

COMMIT_FIELDS = "%x00".join(("%H", "%T", "%P", "%an", "%ae", "%aI", "%cn", "%ce", "%cI", "%B"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The author of a commit, and the time (None: now)."""

    name: str
    email: str
    date: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit as git prints it."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDiff:
    """One changed file; ``patch`` is None for a binary file."""

    status: str
    filename: str
    previous: str | None
    blob: str
    additions: int
    deletions: int
    patch: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a tree; ``size`` is None for trees and submodules."""

    mode: str
    kind: str
    sha: str
    size: int | None
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeChange:
    """One path of a new tree, and the blob or tree that it gets; None removes it."""

    path: str
    sha: str | None
    mode: str = "100644"


def timestamp(text: str) -> datetime:
    """A date as git writes it (strict ISO 8601)."""
    return datetime.fromisoformat(text)


def commit(fields: Sequence[str]) -> Commit:
    sha, tree, parents, an, ae, ad, cn, ce, cd, message = fields
    return Commit(
        sha=sha.strip(),
        tree=tree,
        parents=tuple(parents.split()),
        author=Person(name=an, email=ae, date=ad),
        committer=Person(name=cn, email=ce, date=cd),
        message=message.rstrip("\n"),
    )


def entry(line: str) -> Entry:
    meta, _, path = line.partition("\t")
    mode, kind, sha, size = meta.split()
    return Entry(mode=mode, kind=kind, sha=sha, size=None if size == "-" else int(size), path=path)


_STATUS = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "T": "changed"}


def raw_changes(output: str) -> list[tuple[str, str, str | None, str]]:
    words = iter(output.split("\0"))
    changes = []
    for word in words:
        if not word:
            continue
        _, _, old_blob, new_blob, letter = word.split(" ")
        first = next(words)
        renamed = letter[0] in "RC"
        name = next(words) if renamed else first
        blob = old_blob if letter[0] == "D" else new_blob
        changes.append((_STATUS.get(letter[0], "changed"), blob, first if renamed else None, name))
    return changes


def numstat(output: str) -> list[tuple[int, int]]:
    words = iter(output.split("\0"))
    counts = []
    for word in words:
        if not word:
            continue
        added, deleted, name = word.split("\t")
        if not name:  # a rename: the two names come next
            next(words)
            next(words)
        counts.append((int(added) if added != "-" else 0, int(deleted) if deleted != "-" else 0))
    return counts


def patches(output: str) -> list[str | None]:
    patches: list[str | None] = []
    for part in ("\n" + output).split("\ndiff --git ")[1:]:
        _, found, hunks = part.partition("\n@@ ")
        patches.append(f"@@ {hunks}".rstrip("\n") if found else None)
    return patches
