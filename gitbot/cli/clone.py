"""Checks the clone that a command works in, and finds its repository in the store. Shell."""

from __future__ import annotations

from gitbot.adapters.git.local import LocalRepository
from gitbot.errors import UserError
from gitbot.ports.records import Journal


def repository_of(clone: LocalRepository, journal: Journal) -> str:
    """The repository that stacks of this clone belong to in the store.

    In a server's store it is GitHub's id of the remote ``origin``; elsewhere the first commit
    of the history, which neither a new folder nor a new remote changes.
    """
    full_name = clone.origin_full_name()
    known = journal.repository_id(full_name) if full_name else None
    return known or f"commit:{clone.first_commit()}"


def require_clean(clone: LocalRepository) -> None:
    """Return when the folder holds exactly the checked-out commit.

    Raises:
        UserError: it is not; names files.
    """
    clone.head()
    if not clone.is_clean():
        raise UserError(
            f"{clone.root} has changes that are not committed ({', '.join(clone.changed_files())}): "
            "only a commit is applied, so that what was done can be found again. Commit them first"
        )
