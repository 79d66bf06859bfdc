"""A person's own clone and work tree, for the command line. Shell."""

from __future__ import annotations

import hashlib
import itertools
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import git

from gitbot.adapters.git.objects import (
    MAX_BLOB_BYTES,
    MAX_ENTRIES,
    MAX_TOTAL_BYTES,
    Objects,
)
from gitbot.adapters.git.process import Git
from gitbot.errors import UserError
from gitbot.model.names import Sha
from gitbot.model.tree import EntryKind, SpecTree, TreeEntry

_FULL_NAME = re.compile(
    r"(?:(?:https?|ssh|git)://[^/]+/(?:.*/)?|[^/@]+@[^/:]+:(?:.*/)?)([^/:]+/[^/]+?)(?:\.git)?/?"
)


class LocalRepository(Objects):
    """The clone that ``path`` lies in; fits ``ports.SpecRepository`` with HEAD as the tip.

    Raises:
        UserError: ``path`` is not inside a git work tree.
    """

    def __init__(self, path: Path) -> None:
        try:
            with git.Repo(path, search_parent_directories=True) as repo:
                root = repo.working_tree_dir
        except (git.InvalidGitRepositoryError, git.NoSuchPathError) as error:
            raise UserError(
                f"{path} is not in a git repository: run this inside a clone of the repository "
                "that holds the specs"
            ) from error
        if root is None:
            raise UserError(f"{path} is a bare repository: run this in a clone with files")
        self.root = Path(root)
        super().__init__(Git(folder=self.root, own_config=True))

    def fetch(self) -> None:
        """Do nothing: the command line works on the clone as it is."""

    def tip(self) -> Sha:
        """The same as ``head``."""
        return self.head()

    def head(self) -> Sha:
        """The commit that is checked out. Raises UserError when there is none yet."""
        with git.Repo(self.root) as repo:
            try:
                return Sha(repo.head.commit.hexsha)
            except ValueError as error:
                raise UserError(f"{self.root} has no commit yet: commit the specs first") from error

    def is_clean(self) -> bool:
        """Whether no tracked file differs from HEAD and nothing below ``specs/`` is untracked."""
        with git.Repo(self.root) as repo:
            if repo.is_dirty(untracked_files=False, submodules=False):
                return False
            return not repo.is_dirty(
                index=False, working_tree=False, untracked_files=True, path="specs"
            )

    def first_commit(self) -> Sha:
        """The oldest commit without a parent in the history of HEAD.

        It stays the same when the clone is renamed, moved or given a remote.

        Raises:
            UserError: there is no commit yet, or the clone is shallow.
        """
        self.head()
        with git.Repo(self.root) as repo:
            if (Path(repo.common_dir) / "shallow").exists():
                raise UserError(
                    f"{self.root} is a shallow clone: bring its whole history with "
                    "`git fetch --unshallow` first"
                )
            return Sha(repo.git.rev_list("--max-parents=0", "HEAD").split()[-1])

    def changed_files(self, most: int = 5) -> tuple[str, ...]:
        """Up to ``most`` of the paths that keep the clone from being clean."""
        with git.Repo(self.root) as repo:
            lines = repo.git.status("--porcelain", "--ignore-submodules").splitlines()
        found = (line[3:] for line in lines if line[:2] != "??" or line[3:].startswith("specs"))
        return tuple(itertools.islice(found, most))

    def origin_full_name(self) -> str | None:
        """``owner/name`` of the remote ``origin``; None without one, or where it is a path."""
        with git.Repo(self.root) as repo:
            if "origin" not in (remote.name for remote in repo.remotes):
                return None
            url = repo.remotes["origin"].url
        found = _FULL_NAME.fullmatch(url)
        return found.group(1) if found else None


def local_specs(path: Path) -> SpecTree:
    """The files below ``specs/`` of the folder ``path`` as they lie there, committed or not.

    Symlinks are not followed; a folder with its own ``.git`` is a submodule; sockets, pipes and
    devices are left out, as git does. ``id`` is a hash of what was read. Caps as in
    ``Objects.specs``.

    Raises:
        UserError: the folder is missing, a file cannot be read, or there are too many.
    """
    if not path.is_dir():
        raise UserError(f"{path} is not a folder: name the folder that holds specs/")
    entries: dict[str, TreeEntry] = {}
    digest = hashlib.sha256()
    left_bytes = MAX_TOTAL_BYTES
    for file in _files(path / "specs"):
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
    """Everything below a folder but plain folders themselves, in order of names."""
    if folder.is_symlink() or not folder.is_dir():
        if folder.is_symlink() or folder.exists():
            yield folder
        return
    try:
        children = sorted(folder.iterdir())
    except OSError as error:
        raise UserError(f"{folder} cannot be read: {error.strerror}") from error
    for child in children:
        if child.is_dir() and not child.is_symlink() and not (child / ".git").exists():
            yield from _files(child)
        else:
            yield child


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
        # O_NOFOLLOW: the file may have become a symlink since ``lstat``.
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as opened:
            content = opened.read(MAX_BLOB_BYTES)
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}") from error
    return TreeEntry(content=content, size_bytes=len(content))
