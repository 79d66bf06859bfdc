"""Decides which agreements about a stack still stand at the tip. Pure.

An agreement is a review, a release, or an apply that did not finish. It ends when the tracked branch
wants something else of the stack that was not agreed to, even if it wants the same again later
(docs/adr/0022).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from gitbot.model.names import Sha


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What one commit of the tracked branch wants of a stack.

    ``desired_hash`` is None when it does not want the stack. ``merge`` is the pull request that the
    commit merged, None for a direct push.
    """

    desired_hash: str | None
    merge: int | None = None


def standing(moments: Iterable[Moment], reviewed: Collection[int]) -> tuple[int, ...]:
    """The pull requests whose reviews stand at the last of the moments, in merge order.

    ``moments`` begin with the merge of the oldest of the ``reviewed`` pull requests. A merge of a
    reviewed one may change what is wanted; any other commit that does ends the reviews before it.
    """
    found: list[int] = []
    before: str | None = None
    for moment in moments:
        if moment.merge is not None and moment.merge in reviewed:
            found.append(moment.merge)
        elif moment.desired_hash != before:
            found.clear()
        before = moment.desired_hash
    return tuple(found)


def still_wanted(desired_hash: str | None, moments: Iterable[Moment]) -> bool:
    """Whether every moment wants exactly this of the stack."""
    return all(moment.desired_hash == desired_hash for moment in moments)


def ended(since: Sha) -> str:
    """Why an agreement that was made at this commit does not count any more."""
    return (
        f"what was agreed to at {since[:8]} does not count any more, because the tracked branch has "
        "wanted something else of this stack since"
    )


def lost(commit: Sha) -> str:
    """Why it is not known which reviewed changes state contains already."""
    return (
        f"state says that this stack was last applied at commit {commit[:8]}, which the repository "
        "does not have any more (a branch was rewritten, or a commit amended), so gitbot cannot tell "
        "which reviewed changes it contains"
    )
