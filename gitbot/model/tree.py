"""The spec files of one commit, as the loader reads them. Pure."""

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
    """One entry below ``specs/``.

    ``content`` is None when it was not read, because it is not a plain file or is too large;
    ``size_bytes`` is then its size.
    """

    kind: EntryKind = EntryKind.FILE
    content: bytes | None = None
    size_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecTree:
    """The entries by path in the repository, separated by ``/``. ``id`` is the git tree id."""

    id: str
    entries: Mapping[str, TreeEntry] = field(default_factory=dict)
