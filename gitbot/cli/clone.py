"""Checks the clone that a command works in, and finds the id of its repository. Shell."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gitbot.errors import UserError
from gitbot.ports.records import Journal

if TYPE_CHECKING:
    from gitbot.adapters.git.local import LocalRepository


def open_clone(folder: Path) -> LocalRepository:
    """The clone that the folder lies in. Raises UserError when it is in none."""
    from gitbot.adapters.git.local import LocalRepository  # GitPython: no help text needs it

    return LocalRepository(folder)


def repository_of(clone: LocalRepository, journal: Journal) -> str:
    """The id, in the store, of the clone's repository.

    In the store of a server it is GitHub's id of the remote ``origin``. In other stores it is made
    from the first commit of the history, so that it stays the same when the folder or the remote
    changes.
    """
    full_name = clone.origin_full_name()
    known = journal.repository_id(full_name) if full_name else None
    return known or f"commit:{clone.first_commit()}"


def open_clean_clone(folder: Path) -> LocalRepository:
    """The clone that the folder lies in, without uncommitted changes.

    Raises:
        UserError: the folder is in no clone, or the clone has such changes.
    """
    clone = open_clone(folder)
    require_clean(clone)
    return clone


def require_clean(clone: LocalRepository) -> None:
    """Return when the clone has no uncommitted changes.

    Raises:
        UserError: it has some; the message names files.
    """
    clone.head()
    if not clone.is_clean():
        raise UserError(
            f"{clone.root} has changes that are not committed ({', '.join(clone.changed_files())}): "
            "only a commit can be applied, so that there is a record of it. Commit them first"
        )
