"""Read a person's own clone, for the command line. Shell."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import git

from gitbot.adapters.git.objects import Objects
from gitbot.adapters.git.process import Git
from gitbot.errors import UserError
from gitbot.model.names import Sha

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
        """The paths that keep the clone from being clean, at most ``most`` of them."""
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
