"""The specs of a repository: where they are read from, and what loads them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from gitbot.model.desired import LoadedTree
from gitbot.model.names import Address, Sha
from gitbot.model.tree import SpecTree
from gitbot.model.values import Json, Unknown, Value
from gitbot.model.verdicts import Judgement, Verdict


class SpecRepository(Protocol):
    """A bare mirror of one repository. Paths and trees are read as blobs, never checked out."""

    def fetch(self) -> None:
        """Bring branches, tags and pull request heads up to date.

        Raises:
            TransientError: the remote did not answer.
            UserError: the remote refused (missing, or no right).
        """

    def tip(self) -> Sha:
        """The newest commit of the tracked branch in the mirror.

        Raises:
            UserError: the tracked branch does not exist.
        """

    def merge(self, tip: Sha, head: Sha) -> str | None:
        """The tree id of the merge of the two commits, None where they conflict.

        Raises:
            StaleError: a commit is not in the mirror (any more).
        """

    def touches_specs(self, tip: Sha, head: Sha) -> bool:
        """Whether merging ``head`` into ``tip`` would change anything that specs are made of.

        Cheap: compares the ids of trees and reads no file. False where the two conflict although
        ``head`` changed no spec.

        Raises:
            StaleError: a commit is not in the mirror (any more).
        """

    def specs(self, treeish: str) -> SpecTree:
        """Everything below ``specs/`` in a commit or tree. Blobs over the cap are left unread."""

    def contains(self, ancestor: Sha, descendant: Sha) -> bool:
        """Whether ``ancestor`` is ``descendant`` or one of its ancestors."""


class Loader(Protocol):
    """Loads specs that nobody has reviewed, in a child process that can be lost."""

    def load(self, tree: SpecTree, *, reviewed: bool = False) -> LoadedTree:
        """The tree's environments, stacks and diagnostics. The child's death is a diagnostic.

        ``reviewed``: the tree is the tracked branch's, or the person's own. Then neither a child
        nor a kept result is used that an unreviewed tree has touched.
        """

    def bind(
        self,
        requests: Sequence[tuple[Unknown, Mapping[Address, Mapping[str, Json]]]],
        *,
        reviewed: bool = False,
    ) -> Sequence[Value]:
        """Each unknown evaluated with the attributes of the resources that it references.

        What is still not decided stays ``Unknown``.

        Raises:
            UserError: an expression fails with these values; the message names it.
        """

    def judge(self, requests: Sequence[Judgement], *, reviewed: bool = False) -> Sequence[Verdict]:
        """Whether each expression holds for its inputs, in their order. An expression that fails,
        or that the child dies of, has a verdict that says so."""
