"""Branches, and commits made of file changes through the Git database. Shell.

https://docs.github.com/en/rest/git/refs · https://docs.github.com/en/rest/git/trees ·
https://docs.github.com/en/rest/git/commits
"""

from __future__ import annotations

import re

import github.GitRef
import github.Repository
from github import InputGitTreeElement, UnknownObjectException

from gitbot.adapters.github.calls import AnsweredError
from gitbot.adapters.github.part import Part, or_else, with_right
from gitbot.errors import StaleError
from gitbot.model.forge import NewCommit, Right
from gitbot.model.names import Sha

_PLAIN_FILE = "100644"
_MOVED = re.compile(
    r"not a fast.?forward|reference (already exists|does not exist|update failed)",
    re.IGNORECASE,
)


class Branches(Part):
    """Fits ``ports.Branches``."""

    def branch(self, name: str) -> Sha | None:
        """The commit that the branch is at; None when there is no such branch."""
        return self._place.call(
            f"read the branch {name}", lambda repository: _head(repository, name)
        )

    def authors(self, commit: Sha) -> frozenset[str]:
        """The logins of author and committer of the commit, where GitHub knows them.

        https://docs.github.com/en/rest/commits/commits#get-a-commit
        """

        def ask(repository: github.Repository.Repository) -> frozenset[str]:
            found = repository.get_commit(commit)
            return frozenset(one.login for one in (found.author, found.committer) if one)

        return self._place.call(f"read the commit {commit[:8]}", ask)

    def commit(self, new: NewCommit) -> Sha:
        """Put a commit on a branch and return the branch's new head.

        If the branch already holds the wanted files on top of ``base``, nothing is written and its
        head is returned: a repeated call makes no second commit. The commit names no author, so
        GitHub makes gitbot its author and signs it.

        GitHub only moves a branch forward, and the new commit's first parent is ``expected``. So
        the move is refused when somebody else's commit came first. One case is not caught: somebody
        resets the branch to an ancestor of ``expected`` after we looked and before we move it.

        Raises:
            StaleError: the branch is no longer at ``expected``, or ``base`` is gone.
            MissingRightError: gitbot may not write here.
            UserError: GitHub refuses, or ``base`` lacks a file that is to be deleted.
        """
        try:
            head, made = with_right(
                Right.CONTENTS,
                lambda: self._place.call(
                    f"commit to the branch {new.branch}", lambda repository: _write(repository, new)
                ),
            )
        except AnsweredError as error:
            if error.status == 404:
                raise StaleError(f"GitHub has no commit {new.base[:8]} (any more)") from error
            raise
        if head != made:
            self._move(new, made)
        return made

    def delete_branch(self, name: str, expected: Sha) -> bool:
        """Delete the branch if it is at ``expected``; False when there is no such branch.

        Raises:
            StaleError: it is at another commit.
        """
        if self.branch(name) is None:
            return False

        def delete(repository: github.Repository.Repository) -> bool:
            _ref_at(repository, name, expected).delete()
            return True

        # The branch is gone: somebody deleted it meanwhile, or the answer to our own deletion was
        # lost.
        return or_else(
            lambda: self._place.call(f"delete the branch {name}", delete), True, 404, 422
        )

    def _move(self, new: NewCommit, made: Sha) -> None:
        """Move the branch from ``expected`` to the commit that was made.

        Raises:
            StaleError: it is no longer at ``expected``.
        """

        def move(repository: github.Repository.Repository) -> bool:
            if new.expected is None:
                repository.create_git_ref(f"refs/heads/{new.branch}", made)
            else:
                _ref_at(repository, new.branch, new.expected).edit(made, force=False)
            return True

        def is_there(repository: github.Repository.Repository) -> bool | None:
            return True if _head(repository, new.branch) == made else None

        try:
            self._place.call(f"move the branch {new.branch}", move, already=is_there)
        except AnsweredError as error:
            if error.status == 409 or (error.status == 422 and _MOVED.search(str(error))):
                raise _moved(new.branch) from error
            raise


def _head(repository: github.Repository.Repository, name: str) -> Sha | None:
    try:
        return Sha(repository.get_git_ref(f"heads/{name}").object.sha)
    except UnknownObjectException:
        return None


def _ref_at(
    repository: github.Repository.Repository, name: str, expected: Sha
) -> github.GitRef.GitRef:
    """The branch's ref, loaded: PyGithub changes a ref at the address that GitHub's answer names.

    Raises:
        StaleError: the branch is at another commit.
    """
    ref = repository.get_git_ref(f"heads/{name}")
    if ref.object.sha != expected:
        raise _moved(name)
    return ref


def _write(repository: github.Repository.Repository, new: NewCommit) -> tuple[Sha | None, Sha]:
    """The branch's head, and the commit that the branch should be at. No ref moves.

    That commit is the head itself if it holds what is wanted, else a new one.
    """
    base = repository.get_git_commit(new.base)
    tree = base.tree
    if new.files:
        tree = repository.create_git_tree(_elements(new), base.tree)
    head = _head(repository, new.branch)
    parents = []
    if head is not None:
        at = repository.get_git_commit(head)
        if at.tree.sha == tree.sha and new.base in (head, *(parent.sha for parent in at.parents)):
            return head, head
        parents = [at]
    if head != new.expected:
        raise _moved(new.branch)
    if new.base != head:
        parents = [*parents, base]
    return head, Sha(repository.create_git_commit(new.message, tree, parents).sha)


def _elements(new: NewCommit) -> list[InputGitTreeElement]:
    return [
        InputGitTreeElement(path, _PLAIN_FILE, "blob", sha=None)
        if text is None
        else InputGitTreeElement(path, _PLAIN_FILE, "blob", content=text)
        for path, text in sorted(new.files.items())
    ]


def _moved(branch: str) -> StaleError:
    return StaleError(f"the branch {branch} is not where it was: read it again")
