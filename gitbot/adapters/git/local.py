"""A person's own clone, for the command line. Shell."""

from __future__ import annotations

import re
from pathlib import Path

from gitbot.adapters.git.objects import Objects
from gitbot.adapters.git.process import Answer, Git
from gitbot.errors import UserError
from gitbot.model.names import Sha

_FULL_NAME = re.compile(
    r"(?:(?:https?|ssh|git)://[^/]+/(?:.*/)?|[^/@]+@[^/:]+:(?:.*/)?)([^/:]+/[^/]+?)(?:\.git)?/?"
)
_UNTRACKED = "??"


class LocalRepository(Objects):
    """The clone that ``path`` lies in; fits ``ports.SpecRepository`` with HEAD as the tip.

    Raises:
        UserError: ``path`` is not inside a git work tree.
    """

    def __init__(self, path: Path) -> None:
        self.root = _root(path)
        super().__init__(Git(folder=self.root, own_config=True))

    def fetch(self) -> None:
        """Nothing: the command line works on the clone as it is."""

    def tip(self) -> Sha:
        """The same as ``head``."""
        return self.head()

    def head(self) -> Sha:
        """The commit that is checked out. Raises UserError when there is none yet."""
        answer = self._git.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        if answer.code != 0:
            raise UserError(f"{self.root} has no commit yet: commit the specs first")
        return Sha(_text(answer).strip())

    def is_clean(self) -> bool:
        """Whether no tracked file differs from HEAD and nothing below ``specs/`` is untracked."""
        return not self.changed_files(1)

    def first_commit(self) -> Sha:
        """The commit that the history of HEAD began with (the oldest, where several did): it
        stays what it is when the clone is renamed, moved, or given a remote.

        Raises:
            UserError: there is no commit yet, or the clone is shallow and does not know.
        """
        self.head()
        if _text(self._git.run("rev-parse", "--is-shallow-repository")).strip() == "true":
            raise UserError(
                f"{self.root} is a shallow clone: bring its whole history with "
                "`git fetch --unshallow` first"
            )
        return Sha(_text(self._git.run("rev-list", "--max-parents=0", "HEAD")).split()[-1])

    def changed_files(self, most: int = 5) -> tuple[str, ...]:
        """Up to ``most`` of the paths that keep the clone from being clean.

        Raises:
            UserError: git cannot tell.
        """
        answer = self._git.run("status", "--porcelain", "--untracked-files", "--ignore-submodules")
        if answer.code != 0:
            raise UserError(f"git cannot tell whether {self.root} is clean: {answer.stderr}")
        lines = _text(answer).splitlines()
        found = [
            line[3:]
            for line in lines
            if line[:2] != _UNTRACKED or line[3:].lstrip('"').startswith("specs/")
        ]
        return tuple(found[:most])

    def origin_full_name(self) -> str | None:
        """``owner/name`` of the remote ``origin``; None without one, or where it is a path."""
        url = _text(self._git.run("config", "--get", "remote.origin.url")).strip()
        found = _FULL_NAME.fullmatch(url)
        return found.group(1) if found else None


def _root(path: Path) -> Path:
    answer = Git(folder=path, own_config=True).run("rev-parse", "--show-toplevel")
    if answer.code == 0:
        return Path(_text(answer).removesuffix("\n"))
    if "work tree" in answer.stderr:
        raise UserError(f"{path} is a bare repository: run this in a clone with files")
    raise UserError(
        f"{path} is not in a git repository: run this inside a clone of the repository that holds "
        f"the specs ({answer.stderr.strip()})"
    )


def _text(answer: Answer) -> str:
    return answer.stdout.decode("utf-8", "surrogateescape")
