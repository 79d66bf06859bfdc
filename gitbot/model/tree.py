"""The files of one commit, as bytes and modes: what the loader reads. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class EntryKind(StrEnum):
    """What a tree entry is, by its git mode."""

    FILE = "file"
    SYMLINK = "symlink"
    SUBMODULE = "submodule"


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeEntry:
    """One entry below ``specs/``. ``content`` is None when it was not read: not a plain file, or
    larger than the cap, of which ``size_bytes`` tells."""

    kind: EntryKind = EntryKind.FILE
    content: bytes | None = None
    size_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecTree:
    """Path (relative to the repository, ``/``-separated) to entry. ``id`` is the git tree id."""

    id: str
    entries: Mapping[str, TreeEntry] = field(default_factory=dict)
