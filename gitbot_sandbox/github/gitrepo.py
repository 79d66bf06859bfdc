"""Read and write one bare git repository through the git command. Shell."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from gitbot_sandbox.github import gitobjects
from gitbot_sandbox.github.gitobjects import Commit, Entry, FileDiff, Person, TreeChange

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
ZERO = "0" * 40

ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "HOME": os.devnull,
    "LC_ALL": "C.UTF-8",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
}


class GitError(Exception):
    """A git command failed; the message is its standard error."""


class RefMovedError(GitError):
    """A ref does not have the expected value any more, so it was not moved."""


class GitRepository:
    """A bare repository on disk. Methods raise ``GitError`` when git refuses."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def run(
        self,
        *arguments: str,
        stdin: bytes | None = None,
        environment: Mapping[str, str] | None = None,
        accept: Sequence[int] = (0,),
    ) -> subprocess.CompletedProcess[bytes]:
        """Run git here and return the finished process. Raises for exit codes outside
        ``accept``."""
        done = subprocess.run(
            ["git", "-C", str(self.path), *arguments],
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            env={**ENVIRONMENT, **(environment or {})},
            check=False,
        )
        if done.returncode not in accept:
            raise GitError(done.stderr.decode(errors="replace").strip())
        return done

    def text(self, *arguments: str) -> str:
        """Run git and return its standard output, stripped."""
        return self.run(*arguments).stdout.decode(errors="replace").strip()

    def create(self, default_branch: str) -> None:
        """Make the repository. Pull request refs can be fetched but not pushed."""
        self.path.mkdir(parents=True)
        self.run("init", "--quiet", "--bare", f"--initial-branch={default_branch}")
        self._configure()

    def create_fork(self, origin: GitRepository) -> None:
        """Make the repository as a copy of the branches and tags of another."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        origin.run("clone", "--quiet", "--bare", str(origin.path), str(self.path))
        for ref in self.refs("refs/pull/"):
            self.run("update-ref", "-d", ref)
        self._configure()

    def _configure(self) -> None:
        config = (
            "[http]\n\treceivepack = true\n\tuploadpack = true\n"
            "[receive]\n\thideRefs = refs/pull\n\tautogc = false\n"
            "[uploadpack]\n\tallowAnySHA1InWant = true\n\tallowFilter = true\n"
            "[gc]\n\tauto = 0\n"
        )
        with (self.path / "config").open("a") as file:
            file.write(config)

    # --- refs ---

    def resolve(self, name: str) -> str | None:
        """The commit that a branch, tag, ref or hash names; None if it names none."""
        if not name or name.startswith("-") or any(c in name for c in " ~^:?*[\\\n\0"):
            return None
        for candidate in (f"refs/heads/{name}", f"refs/tags/{name}", name):
            done = self.run(
                "rev-parse", "--verify", "--quiet", f"{candidate}^{{commit}}", accept=(0, 1, 128)
            )
            if done.returncode == 0:
                return done.stdout.decode().strip()
        return None

    def refs(self, prefix: str = "refs/") -> dict[str, str]:
        """Full ref names below ``prefix`` and what they point to."""
        lines = self.text("for-each-ref", "--format=%(refname) %(objectname)", prefix).splitlines()
        return {name: sha for name, _, sha in (line.partition(" ") for line in lines)}

    def branch(self, name: str) -> str | None:
        """The commit at the tip of a branch."""
        return self.refs(f"refs/heads/{name}").get(f"refs/heads/{name}")

    def update_ref(self, ref: str, new: str, old: str | None = None) -> None:
        """Move or make a ref; with ``old``, only from that value (ZERO: it must not exist)."""
        try:
            self.run("update-ref", ref, new, *([] if old is None else [old]))
        except GitError as error:
            if "but expected" in str(error) or "reference already exists" in str(error):
                raise RefMovedError(str(error)) from error
            raise

    def delete_ref(self, ref: str) -> None:
        """Remove a ref."""
        self.run("update-ref", "-d", ref)

    def kind(self, sha: str) -> str | None:
        """``commit``, ``tag``, ``tree`` or ``blob``; None if there is no such object."""
        done = self.run("cat-file", "-t", sha, accept=(0, 128))
        return done.stdout.decode().strip() or None

    # --- reading ---

    def commit(self, sha: str) -> Commit:
        """One commit."""
        return self.log(sha, "-1")[0]

    def log(self, *arguments: str, path: str = "") -> list[Commit]:
        """Commits in the order of ``git log``, of one path if given."""
        where = [path] if path else []
        output = self.run(
            "--literal-pathspecs",
            "log",
            "-z",
            f"--format={gitobjects.COMMIT_FIELDS}",
            *arguments,
            "--",
            *where,
        ).stdout
        fields = output.decode(errors="replace").split("\0")
        return [gitobjects.commit(fields[at : at + 10]) for at in range(0, len(fields) - 9, 10)]

    def entries(self, treeish: str, path: str = "", *, recursive: bool = False) -> list[Entry]:
        """The entries below the folder ``path`` of a tree, or the one file at ``path``."""
        options = ["-r", "-t"] if recursive else []
        where = ["--", path] if path else []
        output = self.run(
            "--literal-pathspecs", "ls-tree", "-z", "--long", *options, treeish, *where
        ).stdout
        return [
            gitobjects.entry(line) for line in output.decode(errors="replace").split("\0") if line
        ]

    def blob(self, sha: str) -> bytes:
        """The content of a blob."""
        return self.run("cat-file", "blob", sha).stdout

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        """Whether ``descendant`` contains ``ancestor``."""
        done = self.run("merge-base", "--is-ancestor", ancestor, descendant, accept=(0, 1, 128))
        return done.returncode == 0

    def merge_base(self, one: str, other: str) -> str | None:
        """The newest common ancestor."""
        done = self.run("merge-base", one, other, accept=(0, 1))
        return done.stdout.decode().strip() or None

    def ahead_behind(self, base: str, head: str) -> tuple[int, int]:
        """How many commits only the head has, and how many only the base has."""
        behind, ahead = self.text("rev-list", "--left-right", "--count", f"{base}...{head}").split()
        return int(ahead), int(behind)

    def diff(self, base: str, head: str) -> list[FileDiff]:
        """The files that differ between two trees or commits; renames are detected."""
        common = ("diff", "--find-renames", "--no-ext-diff", "--no-textconv")
        raw = self.run(*common, "--raw", "-z", "--abbrev=40", base, head, "--").stdout
        stat = self.run(*common, "--numstat", "-z", base, head, "--").stdout
        patch = self.run(*common, "--patch", base, head, "--").stdout
        changes = gitobjects.raw_changes(raw.decode(errors="replace"))
        counts = gitobjects.numstat(stat.decode(errors="replace"))
        patches = gitobjects.patches(patch.decode(errors="replace"))
        return [
            FileDiff(
                status=status,
                filename=name,
                previous=previous,
                blob=blob,
                additions=added,
                deletions=deleted,
                patch=text,
            )
            for (status, blob, previous, name), (added, deleted), text in zip(
                changes, counts, patches, strict=True
            )
        ]

    # --- writing ---

    def write_blob(self, content: bytes) -> str:
        """Store a content; returns the blob's hash."""
        return self.run("hash-object", "-w", "--stdin", stdin=content).stdout.decode().strip()

    def write_files(self, base: str, files: Mapping[str, bytes | None]) -> str:
        """Make a tree from ``base`` with these files; a file of None is removed."""
        return self.write_tree(
            base,
            [
                TreeChange(path=path, sha=None if content is None else self.write_blob(content))
                for path, content in files.items()
            ],
        )

    def write_tree(self, base: str, changes: Sequence[TreeChange]) -> str:
        """Make a tree from ``base`` with these changes."""
        lines = [
            f"0 {ZERO}\t{change.path}"
            if change.sha is None
            else f"{change.mode} {change.sha}\t{change.path}"
            for change in changes
        ]
        with tempfile.TemporaryDirectory() as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            self.run("read-tree", base, environment=index)
            self.run(
                "update-index",
                "-z",
                "--index-info",
                stdin="".join(f"{line}\0" for line in lines).encode(),
                environment=index,
            )
            return self.run("write-tree", environment=index).stdout.decode().strip()

    def write_commit(
        self,
        *,
        tree: str,
        parents: Sequence[str],
        message: str,
        author: Person,
        committer: Person | None = None,
    ) -> str:
        """Make a commit object and return its hash; no ref moves."""
        by = committer or author
        identity = {
            "GIT_AUTHOR_NAME": author.name,
            "GIT_AUTHOR_EMAIL": author.email,
            "GIT_COMMITTER_NAME": by.name,
            "GIT_COMMITTER_EMAIL": by.email,
            **({"GIT_AUTHOR_DATE": author.date} if author.date else {}),
            **({"GIT_COMMITTER_DATE": by.date} if by.date else {}),
        }
        arguments = [word for parent in parents for word in ("-p", parent)]
        done = self.run(
            "commit-tree", tree, *arguments, stdin=message.encode(), environment=identity
        )
        return done.stdout.decode().strip()

    def merge_tree(self, ours: str, theirs: str) -> str | None:
        """The tree of the merge of two commits; None if they conflict or are unrelated."""
        done = self.run("merge-tree", "--write-tree", ours, theirs, accept=(0, 1, 128))
        return done.stdout.decode().split("\n", 1)[0] if done.returncode == 0 else None

    def rebase(self, onto: str, base: str, head: str, committer: Person) -> str | None:
        """Replay ``base..head`` on ``onto``; returns the new tip, or None if there is a
        conflict."""
        identity = {"GIT_COMMITTER_NAME": committer.name, "GIT_COMMITTER_EMAIL": committer.email}
        commits = self.text("rev-list", "--reverse", "--no-merges", f"{base}..{head}").split()
        with tempfile.TemporaryDirectory() as folder:
            work = GitRepository(Path(folder) / "work")
            self.run("worktree", "add", "--quiet", "--detach", str(work.path), onto)
            try:
                done = work.run(
                    "cherry-pick",
                    "--allow-empty",
                    "--keep-redundant-commits",
                    *commits,
                    environment=identity,
                    accept=(0, 1, 128),
                )
                return work.text("rev-parse", "HEAD") if done.returncode == 0 else None
            finally:
                self.run("worktree", "remove", "--force", str(work.path))

    def fetch_from(self, other: GitRepository, sha: str, ref: str) -> None:
        """Copy a commit of another repository here, under a ref."""
        self.run("fetch", "--quiet", "--no-tags", str(other.path), f"+{sha}:{ref}")
