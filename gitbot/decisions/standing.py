"""Decides whether people can have relied on a comment of ours. Pure."""

from __future__ import annotations

from datetime import datetime

from gitbot.errors import RefusedError


def untouched(restored_at: datetime | None, at: datetime) -> bool:
    """Whether the comment said what we wrote at that time, as far as is known.

    ``restored_at`` is GitHub's time at which it was last written again after somebody had changed
    it. What stood there before, also in the same second, cannot be known.
    """
    return restored_at is None or restored_at < at


def require_untouched(restored_at: datetime | None, at: datetime, *, stands: bool) -> None:
    """Return when a command that was written ``at`` this time can rely on the comment.

    ``stands``: it says now what we wrote.

    Raises:
        RefusedError: somebody changed or deleted it.
    """
    if not stands:
        raise RefusedError(
            "the comment that shows the plan was changed or deleted by somebody: gitbot writes it "
            "again; look at it there, then write the command again"
        )
    if not untouched(restored_at, at):
        raise RefusedError(
            "the comment that shows the plan had been changed by somebody, and was written again "
            "only after this command: look at it, then write the command again"
        )


def changed_review(number: int) -> str:
    """Why the plan that this merged pull request showed does not count as reviewed."""
    return (
        f"the plan comment on #{number} was changed or deleted by somebody before the merge, or "
        "does not say any more what gitbot wrote, so nobody can tell what was reviewed"
    )
