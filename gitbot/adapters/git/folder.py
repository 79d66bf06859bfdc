"""Read the spec files of a folder, committed or not. Shell."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from gitbot.adapters.git.objects import (
    MAX_BLOB_BYTES,
    MAX_ENTRIES,
    MAX_PATH_BYTES,
    MAX_TOTAL_BYTES,
    SPEC_FOLDERS,
)
from gitbot.errors import UserError
from gitbot.language.versions import named_commits, named_tags
from gitbot.model.tree import EntryKind, SpecTree, TreeEntry


def specs_of_folder(path: Path) -> SpecTree:
    """The specs of a folder, and what they take from commits where it is the root of a clone.

    Specs can be checked without any git, so a folder that is no clone has no other commits.

    Raises:
        UserError: as ``local_specs``.
    """
    tree = local_specs(path)
    if not any((*named_commits(tree.entries), *named_tags(tree.entries))):
        return tree
    # GitPython takes a while to import, and most specs name no other commit.
    from gitbot.adapters.git.local import LocalRepository

    try:
        clone = LocalRepository(path)
    except UserError:
        return tree
    return clone.working_specs() if clone.root.resolve() == path.resolve() else tree


def local_specs(path: Path) -> SpecTree:
    """The files of the folder ``path`` that specs are in, committed or not.

    Symlinks are not followed. A folder with its own ``.git`` is a submodule. Sockets, pipes and
    devices are left out, as git does. ``id`` is a hash of what was read. The caps are those of
    ``Objects.specs``.

    Raises:
        UserError: the folder is missing, a file cannot be read, or there are too many.
    """
    if not path.is_dir():
        raise UserError(f"{path} is not a folder: name the folder that holds specs/")
    entries: dict[str, TreeEntry] = {}
    digest = hashlib.sha256()
    left_bytes = MAX_TOTAL_BYTES
    for file in (file for folder in SPEC_FOLDERS for file in _files(path / folder)):
        if len(entries) >= MAX_ENTRIES:
            raise UserError(f"{path / 'specs'} has more than {MAX_ENTRIES} files")
        name = os.fsencode(file.relative_to(path)).decode("utf-8", "backslashreplace")
        entry = _entry(file, left_bytes)
        if entry is None:
            continue
        left_bytes -= len(entry.content or b"")
        entries[name] = entry
        content = hashlib.sha256(entry.content or b"").hexdigest()
        digest.update(f"{name}\0{entry.kind}\0{entry.size_bytes}\0{content}\n".encode())
    return SpecTree(id=digest.hexdigest(), entries=entries)


def _files(folder: Path) -> Iterator[Path]:
    """Everything below a folder that is not a plain folder, in order of names."""
    waiting = [folder] if folder.is_symlink() or folder.exists() else []
    while waiting:
        found = waiting.pop()
        try:
            # The folder itself may be a submodule of its own; what is below must not be.
            inside = found is folder or not (found / ".git").exists()
            children = sorted(found.iterdir()) if _is_folder(found) and inside else None
        except OSError as error:
            raise UserError(f"{_short(found)} cannot be read: {error.strerror}") from error
        if children is None:
            yield found
        elif len(os.fsencode(found)) > MAX_PATH_BYTES - 256:
            raise UserError(
                f"{_short(found)}: folders are nested too deeply; keep only specs there"
            )
        else:
            waiting += reversed(children)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _short(path: Path) -> str:
    text = str(path)
    return text if len(text) <= 200 else f"{text[:200]}…"


def _entry(file: Path, left_bytes: int) -> TreeEntry | None:
    try:
        info = file.lstat()
        if stat.S_ISLNK(info.st_mode):
            return TreeEntry(kind=EntryKind.SYMLINK, size_bytes=info.st_size)
        if stat.S_ISDIR(info.st_mode):
            return TreeEntry(kind=EntryKind.SUBMODULE)
        if not stat.S_ISREG(info.st_mode):
            return None
        if info.st_size > min(MAX_BLOB_BYTES, left_bytes):
            return TreeEntry(size_bytes=info.st_size)
        # The file may have become a symlink since it was inspected: O_NOFOLLOW refuses that.
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as opened:
            content = opened.read(MAX_BLOB_BYTES)
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}") from error
    return TreeEntry(content=content, size_bytes=len(content))
