"""A repository that people push to, honest and hostile. Shell."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from gitbot.adapters.git import GitMirror
from gitbot.model.names import Sha


def git(folder: Path, *args: str, stdin: bytes | None = None) -> str:
    """Run git as a person would, with a fixed identity."""
    env = {
        **os.environ,
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_AUTHOR_NAME": "Ada",
        "GIT_AUTHOR_EMAIL": "ada@example.com",
        "GIT_COMMITTER_NAME": "Ada",
        "GIT_COMMITTER_EMAIL": "ada@example.com",
    }
    done = subprocess.run(
        ["git", *args], cwd=folder, env=env, input=stdin, capture_output=True, check=True
    )
    return done.stdout.decode().strip()


class Origin:
    """A bare repository and a clone that pushes to it."""

    def __init__(self, folder: Path) -> None:
        self.bare = folder / "origin.git"
        self.work = folder / "work"
        git(folder, "init", "--bare", "-q", "-b", "main", str(self.bare))
        git(folder, "clone", "-q", str(self.bare), str(self.work))
        git(self.work, "checkout", "-q", "-b", "main")

    def commit(self, files: dict[str, bytes | None], push: str = "main") -> Sha:
        for name, content in files.items():
            file = self.work / name
            if content is None:
                file.unlink()
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        git(self.work, "add", "-A")
        git(self.work, "commit", "-q", "--allow-empty", "-m", "change")
        git(self.work, "push", "-q", "-f", "origin", f"HEAD:{push}")
        return self.head()

    def head(self) -> Sha:
        return Sha(git(self.work, "rev-parse", "HEAD"))

    def branch(self, name: str, start: Sha) -> None:
        git(self.work, "checkout", "-q", "-B", name, start)

    def mirror(self, folder: Path, branch: str | None = "main") -> GitMirror:
        return GitMirror(folder / "mirror.git", str(self.bare), None, branch, local=True)


def bomb(origin: Origin) -> str:
    """A tree of a few kilobytes that unfolds to a billion files."""
    level, kind, mode = (
        git(origin.work, "hash-object", "-w", "--stdin", stdin=b"x\n"),
        "blob",
        100644,
    )
    for _ in range(9):
        lines = "".join(f"{mode} {kind} {level}\tf{number}\n" for number in range(10))
        level, kind, mode = git(origin.work, "mktree", stdin=lines.encode()), "tree", 40000
    return level
