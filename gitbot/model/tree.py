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
class Version:
    """Another commit of the repository, whose modules and calendars specs take.

    ``commit`` is None when nothing has the name. ``contained``: the tracked branch contains it.
    ``unborn``: the repository has no commit at all. ``entries`` are those below ``modules/``, ``templates/`` and ``calendars/`` there, by path.
    """

    commit: str | None = None
    contained: bool = False
    unborn: bool = False
    entries: Mapping[str, TreeEntry] = field(default_factory=dict)

    @property
    def usable(self) -> bool:
        """Whether specs may take anything from it: it is there, and was merged."""
        return self.commit is not None and self.contained


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecTree:
    """The entries by path in the repository, separated by ``/``. ``id`` is the git tree id.

    ``versions`` are what the specs name beside their own commit: commits and tags, as written.
    """

    id: str
    entries: Mapping[str, TreeEntry] = field(default_factory=dict)
    versions: Mapping[str, Version] = field(default_factory=dict)
