"""Read commits and trees, whose authors are not trusted. Shell."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from gitbot.adapters.git.process import Git
from gitbot.adapters.git.versions import read_versions
from gitbot.errors import StaleError, TransientError, UserError
from gitbot.model.names import Sha
from gitbot.model.tree import EntryKind, SpecTree, TreeEntry, Version

MAX_BLOB_BYTES = 1_000_000
MAX_TOTAL_BYTES = 64_000_000
MAX_ENTRIES = 20_000
MAX_PATH_BYTES = 4_096
MAX_COMMITS = 250  # https://docs.github.com/en/rest/pulls/pulls#list-commits-on-a-pull-request
SPEC_FOLDERS = ("specs", "calendars", "modules", "templates")
VERSIONED_FOLDERS = ("calendars", "modules", "templates")

_SHA = re.compile(r"[0-9a-f]{40}")
_GONE = re.compile(
    r"bad object|not a valid object|not a valid commit|unknown revision|needed a single revision"
    r"|not something we can merge|not a tree object|bad revision|invalid object name",
    re.IGNORECASE,
)
_KINDS = {b"120000": EntryKind.SYMLINK, b"160000": EntryKind.SUBMODULE}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    path: str
    kind: EntryKind
    object_id: bytes
    size_bytes: int


class Objects:
    """The part of ``ports.SpecRepository`` that only reads objects."""

    def __init__(self, git: Git) -> None:
        self._git = git

    def merge(self, tip: Sha, head: Sha) -> str | None:
        """The tree id of the merge of the two commits, None where they conflict or share no
        history. Writes objects, moves no ref.

        Raises:
            StaleError: a commit is not in the repository (any more).
            UserError: the merge takes more than 2 GB of memory or 20 s of computing.
        """
        self._need(tip, "commit")
        self._need(head, "commit")
        command = ("merge-tree", "--write-tree", "--no-messages", tip, head)
        answer = self._git.run(*command, limited=True)
        if answer.code == 0:
            return answer.stdout.split(b"\n", 1)[0].decode("ascii").strip()
        if answer.code == 1 or "unrelated histories" in answer.stderr:
            return None
        if answer.code < 0 or "out of memory" in answer.stderr.lower():
            raise UserError(
                f"merging {head[:8]} into {tip[:8]} takes more memory or time than gitbot allows: "
                "the commit holds far too many files, or folders that name each other"
            )
        if _GONE.search(answer.stderr):
            raise StaleError(f"commits {tip[:8]} and {head[:8]} are no longer in the repository")
        raise TransientError(f"git could not merge {head[:8]} into {tip[:8]}: {answer.stderr}")

    def contains(self, ancestor: Sha, descendant: Sha) -> bool:
        """Whether ``ancestor`` is ``descendant`` or one of its ancestors.

        An ``ancestor`` that is not in the repository is no ancestor: histories are complete.

        Raises:
            StaleError: ``descendant`` is not in the repository (any more).
        """
        _check_sha(ancestor)
        self._need(descendant, "commit")
        answer = self._git.run("merge-base", "--is-ancestor", ancestor, descendant)
        if answer.code not in (0, 1) and not _GONE.search(answer.stderr):
            raise TransientError(f"git could not compare two commits: {answer.stderr}")
        return answer.code == 0

    def line(self, since: Sha | None, until: Sha, folder: str = "") -> tuple[Sha, ...]:
        """The commits on the first-parent line after ``since`` that changed specs, oldest first; those
        that changed something below ``folder``, if it is given.

        https://git-scm.com/docs/git-rev-list: with ``--first-parent`` a merge is compared with its
        first parent alone.

        Raises:
            StaleError: a commit is not in the repository (any more).
        """
        if since is not None:
            self._need(since, "commit")
        self._need(until, "commit")
        span = until if since is None else f"{since}..{until}"
        folders = (f":(literal){folder}",) if folder else SPEC_FOLDERS
        answer = self._git.run("rev-list", "--first-parent", "--reverse", span, "--", *folders)
        if answer.code != 0:
            raise TransientError(f"git could not list commits: {answer.stderr}")
        return tuple(Sha(line) for line in answer.stdout.decode("ascii").split())

    def has(self, commit: Sha) -> bool:
        """Whether the commit is in the repository."""
        try:
            self._need(commit, "commit")
        except StaleError:
            return False
        return True

    def own_commits(self, tip: Sha, head: Sha) -> tuple[Sha, ...]:
        """The commits of ``head`` that ``tip`` lacks, newest first, without mere merges of it.

        Raises:
            StaleError: a commit is not in the repository (any more).
            UserError: they are more than 250; or as ``merge``.
        """
        self._need(tip, "commit")
        self._need(head, "commit")
        most = f"--max-count={MAX_COMMITS + 1}"
        answer = self._git.run("log", "--format=%H %T %P", most, f"{tip}..{head}")
        if answer.code != 0:
            raise TransientError(f"git could not list the commits of {head[:8]}: {answer.stderr}")
        found = [line.split() for line in answer.stdout.decode("ascii").splitlines()]
        if len(found) > MAX_COMMITS:
            raise UserError(
                f"it has more than {MAX_COMMITS} commits, and GitHub lists no more of them: nobody "
                "can tell who made them all, so squash them"
            )
        return tuple(
            Sha(commit)
            for commit, tree, *parents in found
            if not self._only_merges(tip, tree, [Sha(parent) for parent in parents])
        )

    def _only_merges(self, tip: Sha, tree: str, parents: Sequence[Sha]) -> bool:
        """Whether the tree is what git makes of its parents, one of which ``tip`` contains."""
        if len(parents) != 2 or not any(self.contains(parent, tip) for parent in parents):
            return False
        return self.merge(parents[0], parents[1]) == tree

    def touches_specs(self, tip: Sha, head: Sha) -> bool:
        """Whether merging ``head`` into ``tip`` would change anything that specs are made of.

        Cheap: compares the ids of trees and reads no file. Returns False when the two conflict and
        ``head`` changed no spec.

        Raises:
            StaleError: a commit is not in the repository (any more).
            UserError: as ``merge``.
        """
        self._need(tip, "commit")
        self._need(head, "commit")
        of_tip, of_head = self._spec_ids(tip), self._spec_ids(head)
        of_bases = {self._spec_ids(base) for base in self._merge_bases(tip, head)}
        if of_bases != {of_head}:
            return True
        if of_tip == of_head:
            return False
        # The tip changed specs and the head did not. The head still can: it may have edited a
        # file that the tip moved into specs/. Only the merge itself tells.
        merged = self.merge(tip, head)
        return merged is not None and self._spec_ids(merged) != of_tip

    def changed_folders(self, base: Sha, head: Sha) -> frozenset[str]:
        """The folders of specs that ``head`` has changed since it left ``base``.

        Below ``specs/`` they are names, elsewhere paths such as ``modules/ml-bucket``: no module is
        taken for the environment of its name.

        Raises:
            StaleError: a commit is not in the repository (any more).
        """
        self._need(base, "commit")
        self._need(head, "commit")
        after = self._spec_children(head)
        changed: set[str] = set()
        for each in self._merge_bases(base, head) or [base]:
            before = self._spec_children(each)
            names = {*before, *after}
            changed |= {name for name in names if before.get(name) != after.get(name)}
        return frozenset(changed)

    def _spec_children(self, treeish: str) -> Mapping[str, bytes]:
        """Mode and id of each file and folder directly below the folders that specs are in."""
        folders = [f"{folder}/" for folder in SPEC_FOLDERS]
        answer = self._git.run("ls-tree", "-z", "--full-tree", treeish, "--", *folders)
        if answer.code != 0:
            raise TransientError(f"git could not read the tree {treeish[:8]}: {answer.stderr}")
        records = (record.partition(b"\t") for record in answer.stdout.split(b"\0") if record)
        return {
            path.removeprefix(b"specs/").decode("utf-8", "backslashreplace"): meta
            for meta, _, path in records
        }

    def _merge_bases(self, tip: Sha, head: Sha) -> list[str]:
        answer = self._git.run("merge-base", "--all", tip, head)
        if answer.code not in (0, 1):
            raise TransientError(f"git could not compare two commits: {answer.stderr}")
        return answer.stdout.decode("ascii").split()

    def _spec_ids(self, treeish: str) -> bytes:
        """Modes and ids of the folders that specs are in; equal for equal specs."""
        answer = self._git.run("ls-tree", "--full-tree", treeish, "--", *SPEC_FOLDERS)
        if answer.code != 0:
            raise TransientError(f"git could not read the tree {treeish[:8]}: {answer.stderr}")
        return answer.stdout

    def specs(self, treeish: str, tip: Sha | None = None) -> SpecTree:
        """Everything in the folders of specs of a commit or tree, by id, and what they take from
        other commits.

        A blob over 1 MB, and what comes after 64 MB in all, is left unread; ``id`` is the id of
        the whole tree. Only what ``tip`` contains may be taken; without it, what the commit
        contains, and nothing where ``treeish`` is a tree.

        Raises:
            StaleError: the commit or tree is not in the repository (any more).
            UserError: there are more than 20,000 entries.
        """
        tree = self._need(treeish, "tree")
        entries = self._entries(tree, SPEC_FOLDERS)
        if tip is None and tree != treeish:
            tip = Sha(treeish)
        return SpecTree(id=tree, entries=entries, versions=read_versions(self, entries, tip))

    def version(self, name: str, tip: Sha) -> Version:
        """What the folders of modules, templates and calendars are at a commit, or at a tag of this name.

        Raises:
            UserError: as ``specs``.
        """
        ref = name if _SHA.fullmatch(name) else f"refs/tags/{name}"
        answer = self._git.run(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"
        )
        if answer.code != 0:
            return Version()
        commit = Sha(answer.stdout.decode("ascii").strip())
        if not self.contains(commit, tip):
            return Version(commit=commit)
        return Version(
            commit=commit, contained=True, entries=self._entries(commit, VERSIONED_FOLDERS)
        )

    def _entries(self, tree: Sha, folders: Sequence[str]) -> dict[str, TreeEntry]:
        listed = self._list(tree, folders)
        wanted = _wanted(listed)
        contents = self._read(wanted)
        entries: dict[str, TreeEntry] = {}
        for item in listed:
            path = item.path
            while path in entries:  # two names that are not UTF-8 may look the same when decoded
                path += "?"
            content = contents.get(item.object_id) if item.kind is EntryKind.FILE else None
            entries[path] = TreeEntry(kind=item.kind, content=content, size_bytes=item.size_bytes)
        return entries

    def _need(self, treeish: str, type_: str) -> Sha:
        _check_sha(treeish)
        answer = self._git.run("rev-parse", "--verify", "--quiet", f"{treeish}^{{{type_}}}")
        if answer.code != 0:
            raise StaleError(f"{type_} {treeish[:8]} is not in the repository (any more)")
        return Sha(answer.stdout.decode("ascii").strip())

    def _list(self, tree: Sha, folders: Sequence[str]) -> list[_Listed]:
        # Read a stream and stop at the cap: a few kilobytes of trees that repeat each other can
        # unfold to billions of paths.
        args = ("ls-tree", "-r", "-z", "-l", "--full-tree", tree, "--", *folders)
        listed: list[_Listed] = []
        rest = b""
        with self._git.stream(*args) as output:
            while chunk := output.read(65_536):
                *records, rest = (rest + chunk).split(b"\0")
                listed.extend(_listed(record) for record in records)
                if len(listed) > MAX_ENTRIES or len(rest) > MAX_PATH_BYTES + 100:
                    raise UserError(
                        f"specs/ of {tree[:8]} has more than {MAX_ENTRIES} entries or a path of "
                        f"more than {MAX_PATH_BYTES} bytes: keep only specs there"
                    )
        if rest:
            raise TransientError(f"git stopped while it listed the tree {tree[:8]}")
        return listed

    def _read(self, wanted: Sequence[bytes]) -> Mapping[bytes, bytes]:
        if not wanted:
            return {}
        contents: dict[bytes, bytes] = {}
        with tempfile.TemporaryFile() as ids:
            ids.write(b"".join(object_id + b"\n" for object_id in wanted))
            ids.seek(0)
            with self._git.stream("cat-file", "--batch", stdin=ids) as output:
                for object_id in wanted:
                    contents[object_id] = _blob(output, object_id)
        return contents


def _check_sha(text: str) -> None:
    # Callers pass ids that were resolved before. This also keeps out options and ref names.
    if not _SHA.fullmatch(text):
        raise StaleError(f"{text[:50]!r} is not a full commit or tree id")


def _listed(record: bytes) -> _Listed:
    meta, _, path = record.partition(b"\t")
    mode, _type, object_id, size = meta.split()
    return _Listed(
        path=path.decode("utf-8", "backslashreplace"),
        kind=_KINDS.get(mode, EntryKind.FILE),
        object_id=object_id,
        size_bytes=int(size) if size.isdigit() else 0,
    )


def _wanted(listed: Sequence[_Listed]) -> list[bytes]:
    """The distinct blobs to read, in order, within the caps."""
    wanted: dict[bytes, None] = {}
    total = 0
    for item in listed:
        if item.kind is not EntryKind.FILE or item.size_bytes > MAX_BLOB_BYTES:
            continue
        if item.object_id in wanted:
            continue
        total += item.size_bytes
        if total > MAX_TOTAL_BYTES:
            break
        wanted[item.object_id] = None
    return list(wanted)


def _blob(output: IO[bytes], object_id: bytes) -> bytes:
    """One answer of ``cat-file --batch``: a header line, the bytes and a line feed."""
    header = output.readline().split()
    if len(header) != 3:
        if header[1:2] == [b"missing"]:
            raise StaleError(f"blob {object_id[:8].decode()} is missing from the repository")
        raise TransientError(f"git stopped while it read blob {object_id[:8].decode()}")
    size = int(header[2])
    content = output.read(size + 1)
    if len(content) != size + 1:
        raise TransientError(f"git stopped while it read blob {object_id[:8].decode()}")
    return content[:-1]
