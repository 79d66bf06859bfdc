"""The ports to the specs of a repository: its mirror, and the loader. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from gitbot.model.desired import LoadedTree
from gitbot.model.names import Address, Sha
from gitbot.model.tree import SpecTree
from gitbot.model.values import Json, Unknown, Value
from gitbot.model.verdicts import Judgement, Verdict


class SpecRepository(Protocol):
    """A bare mirror of one repository. Files are read as blobs and never checked out."""

    def follow(self, branch: str) -> None:
        """Track this branch from now on: the default branch of a repository can change."""

    def fetch(self, pulls: Sequence[int] = (), branches: Sequence[str] = ()) -> None:
        """Bring the tracked branch, the tags and the heads of these pull requests up to date.

        ``branches`` are other branches that are wanted too.

        Raises:
            TransientError: the remote did not answer.
            UserError: the remote refused: the repository is missing, or access is denied.
        """

    def tip(self) -> Sha:
        """The newest commit of the tracked branch in the mirror.

        Raises:
            UserError: the tracked branch does not exist.
        """

    def merge(self, tip: Sha, head: Sha) -> str | None:
        """The tree id of the merge of the two commits; None when they conflict.

        Raises:
            StaleError: a commit is not in the mirror (any more).
        """

    def touches_specs(self, tip: Sha, head: Sha) -> bool:
        """Whether merging ``head`` into ``tip`` would change anything that specs are made of.

        Cheap: compares tree ids and reads no files. False when the two conflict but ``head``
        changed no spec.

        Raises:
            StaleError: a commit is not in the mirror (any more).
        """

    def changed_folders(self, base: Sha, head: Sha) -> frozenset[str]:
        """What ``head`` has changed since it left ``base``: names directly below ``specs/``, and paths
        such as ``modules/ml-bucket`` directly below the other folders that specs are made of.

        Cheap: compares tree ids and reads no files.

        Raises:
            StaleError: a commit is not in the mirror (any more).
        """

    def specs(self, treeish: str, tip: Sha | None = None) -> SpecTree:
        """Everything that specs are made of in a commit or tree, but for the content of large files.

        Modules and calendars of other commits may be taken from what ``tip`` contains; without it,
        from what the commit itself contains.
        """

    def contains(self, ancestor: Sha, descendant: Sha) -> bool:
        """Whether ``ancestor`` is ``descendant`` or one of its ancestors.

        Raises:
            StaleError: ``descendant`` is not in the mirror (any more).
        """

    def line(self, since: Sha | None, until: Sha, folder: str = "") -> tuple[Sha, ...]:
        """The commits that changed specs on the way from ``since`` to ``until``, oldest first.

        These are the commits of the branch itself: of a merge, the merge and not what it brought.
        ``since`` is not among them; None begins with the first commit of all. With ``folder``, such
        as ``specs/dev``, only those that changed something below it.

        Raises:
            StaleError: a commit is not in the mirror (any more).
        """

    def has(self, commit: Sha) -> bool:
        """Whether the commit is in the mirror."""

    def on_a_branch(self, commit: Sha) -> bool:
        """Whether a branch of the remote contains the commit now. Fetches all branches.

        Raises:
            TransientError, UserError: as ``fetch``.
        """

    def own_commits(self, tip: Sha, head: Sha) -> tuple[Sha, ...]:
        """The commits of ``head`` that ``tip`` does not contain, newest first.

        A merge of the tracked branch that is exactly what git makes of its two parents is left out:
        it changes nothing of its own.

        Raises:
            StaleError: a commit is not in the mirror (any more).
            UserError: they are more than GitHub lists of a pull request.
        """


class Loader(Protocol):
    """Loads specs in a child process, because nobody may have reviewed them."""

    def load(self, tree: SpecTree, *, reviewed: bool = False) -> LoadedTree:
        """The environments, stacks and diagnostics of the tree. A crash is a diagnostic.

        ``reviewed``: the tree is that of the tracked branch, or of the person at the command line.
        Then no child and no cached result is used that an unreviewed tree has touched.
        """

    def bind(
        self,
        requests: Sequence[tuple[Unknown, Mapping[Address, Mapping[str, Json]]]],
        *,
        reviewed: bool = False,
    ) -> Sequence[Value]:
        """The value of each unknown, from the attributes of the resources that it references.

        A value that is still not known stays ``Unknown``.

        Raises:
            UserError: an expression fails with these values; the message names it.
        """

    def judge(self, requests: Sequence[Judgement], *, reviewed: bool = False) -> Sequence[Verdict]:
        """Whether each expression holds for its inputs, in order.

        An expression that fails, or that crashes the child, has a verdict that says so.
        """
