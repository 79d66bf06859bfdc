"""Read a person's own clone, for the command line. Shell."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import git

from gitbot.adapters.git.folder import local_specs
from gitbot.adapters.git.objects import SPEC_FOLDERS, Objects
from gitbot.adapters.git.process import Git
from gitbot.adapters.git.versions import read_versions, unborn_versions
from gitbot.errors import UserError
from gitbot.model.names import Sha
from gitbot.model.tree import SpecTree

_FULL_NAME = re.compile(
    r"(?:(?:https?|ssh|git)://[^/]+/(?:.*/)?|[^/@]+@[^/:]+:(?:.*/)?)([^/:]+/[^/]+?)(?:\.git)?/?"
)


class LocalRepository(Objects):
    """The clone that ``path`` lies in; fits ``ports.SpecRepository`` with HEAD as the tip.

    Raises:
        UserError: ``path`` is not inside a git work tree, or git refuses to read it.
    """

    def __init__(self, path: Path) -> None:
        self._repo = _open(path)
        self.root = Path(str(self._repo.working_tree_dir))
        super().__init__(Git(folder=self.root, own_config=True))

    def fetch(self) -> None:
        """Do nothing: the command line works on the clone as it is."""

    def tip(self) -> Sha:
        """The same as ``head``."""
        return self.head()

    def head(self) -> Sha:
        """The commit that is checked out.

        Raises:
            UserError: there is none yet, or git refuses to read the clone.
        """
        try:
            return Sha(self._repo.git.rev_parse("HEAD^{commit}", verify=True, quiet=True))
        except git.GitCommandError as error:
            # Git says why it reads no clone of somebody else.
            self._output("rev-parse", "--git-dir")
            raise UserError(f"{self.root} has no commit yet: commit the specs first") from error

    def working_specs(self) -> SpecTree:
        """The specs as they lie in the folder, committed or not, and what they take from commits.

        Raises:
            UserError: as ``local_specs``.
        """
        tree = local_specs(self.root)
        if self._has_commits():
            return replace(tree, versions=read_versions(self, tree.entries, self.head()))
        return replace(tree, versions=unborn_versions(tree.entries))

    def _has_commits(self) -> bool:
        return self._git.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}").code == 0

    def is_clean(self) -> bool:
        """Whether no tracked file differs from HEAD and nothing of its specs is untracked."""
        if self._status("--untracked-files=no"):
            return False
        return not self._status("--untracked-files=all", "--", *SPEC_FOLDERS)

    def commit(self, name: str) -> Sha:
        """The commit of this name: a hash, a branch or a tag. Raises UserError when there is none."""
        try:
            return Sha(self._output("rev-parse", "--verify", f"{name}^{{commit}}"))
        except UserError as error:
            raise UserError(f"this clone has no commit {name!r}") from error

    def versions(self, path: str, most: int) -> tuple[Sha, ...]:
        """The commits of HEAD's history that changed the file, and those before, newest first."""
        self.head()
        found = self._output("log", f"-{most}", "--format=%H %P", "HEAD", "--", path).split("\n")
        return tuple(dict.fromkeys(Sha(one) for line in found if line for one in line.split()[:2]))

    def first_commit(self) -> Sha:
        """The oldest commit without a parent in the history of HEAD.

        It stays the same when the clone is renamed, moved or given a remote.

        Raises:
            UserError: there is no commit yet, or the clone is shallow.
        """
        head = self.head()
        if self._output("rev-parse", "--is-shallow-repository") == "true":
            raise UserError(
                f"{self.root} is a shallow clone: bring its whole history with "
                "`git fetch --unshallow` first"
            )
        return Sha(self._output("rev-list", "--max-parents=0", head).split()[-1])

    def changed_files(self, most: int = 5) -> tuple[str, ...]:
        """Up to ``most`` of the paths that keep the clone from being clean."""
        found = [
            *self._status("--untracked-files=no"),
            *self._status("--untracked-files=all", "--", "specs"),
        ]
        return tuple(dict.fromkeys(line[3:] for line in found))[:most]

    def origin_full_name(self) -> str | None:
        """``owner/name`` of the remote ``origin``; None without one, or where it is a path."""
        answer = self._git.run("config", "--local", "--get-all", "remote.origin.url")
        urls = answer.stdout.decode("utf-8", "surrogateescape").splitlines()
        found = _FULL_NAME.fullmatch(urls[0]) if urls else None
        return found.group(1) if found else None

    def on_a_branch(self, commit: Sha) -> bool:
        """Whether a branch of a remote contained the commit when the clone last heard of it."""
        return bool(self._output("branch", "--remotes", "--contains", commit))

    def _status(self, *args: str) -> list[str]:
        """The lines of ``git status``; what is checked out of submodules does not count."""
        found = self._output("status", "--porcelain", "--ignore-submodules", *args)
        return [line for line in found.split("\n") if line]

    def _output(self, *args: str) -> str:
        try:
            return str(self._repo.git.execute(["git", *args]))
        except git.GitCommandError as error:
            why = str(error.stderr).removeprefix("\n  stderr: ").strip("'\n")
            raise UserError(f"git {args[0]} failed in {self.root}: {why}") from error


def _open(path: Path) -> git.Repo:
    if not path.is_dir():
        raise UserError(f"{path} is not a folder: name one inside a clone of the repository")
    try:
        repo = git.Repo(path, search_parent_directories=True)
    except git.InvalidGitRepositoryError as error:
        raise UserError(
            f"{path} is not in a git repository: run this inside a clone of the repository "
            "that holds the specs"
        ) from error
    if repo.bare or repo.working_tree_dir is None:
        raise UserError(f"{path} is a bare repository: run this in a clone with files")
    return repo
