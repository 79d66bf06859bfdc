"""Decides what is to become of the promotion of one stack now. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gitbot.model.promotion import Part


class Next(StrEnum):
    """What a promotion job does with a stack."""

    CHANGES = "changes"
    DELETIONS = "deletions"
    NOTHING = "nothing"
    """Nothing is left: an open pull request is closed."""
    WAITS = "waits"
    """It cannot be said yet, or not now: an open pull request stays as it is."""

    @property
    def part(self) -> Part | None:
        """What a pull request brings; None for none."""
        return {Next.CHANGES: Part.CHANGES, Next.DELETIONS: Part.DELETIONS}.get(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What becomes of a stack and why, as a clause. ``told``: people must hear the reason."""

    next: Next
    why: str = ""
    told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StackFacts:
    """What is known of one stack on both sides of an edge.

    ``landing`` is the merged pull request whose merge was not fetched yet. ``there``: the source has
    its document; ``loads``: the document has no errors; ``complete``: nobody hides a stack of the
    source behind an error. ``promoted``: its text lets it be promoted. ``applied``: the source's last
    completed apply has its text. ``ready``: verified or waived. ``ended``: expiry ended it. ``ours``:
    the target has a stack of its own name that no other stack of the source is promoted to.
    ``based``: it was promoted once. ``unwritten`` says why the target's file cannot be written.
    ``changes`` and ``deletions`` are to be promoted. ``live``: its pull request is open.
    """

    source: str
    target: str
    landing: int | None = None
    there: bool = True
    loads: bool = True
    complete: bool = True
    promoted: bool = True
    applied: bool = True
    ready: bool = True
    ended: bool = False
    ours: bool = True
    based: bool = True
    unwritten: str = ""
    changes: bool = False
    deletions: bool = False
    live: bool = False


def standing(facts: StackFacts) -> Standing:
    """What is to become of the stack's promotion."""
    if facts.landing is not None:
        why = f"#{facts.landing} is merged, and its merge was not fetched yet"
        return Standing(next=Next.WAITS, why=why)
    if facts.ended:
        why = f"its time in {facts.source} has ended, and that is not promoted"
        return Standing(next=Next.NOTHING, why=why)
    return _there(facts) if facts.there else _gone(facts)


def _gone(facts: StackFacts) -> Standing:
    """Of a stack that the source's files do not have."""
    if not facts.complete:
        why = f"specs of {facts.source} have errors, so nobody can tell whether it is still there"
        return Standing(next=Next.WAITS, why=why)
    if not (facts.ours and facts.based):
        why = f"{facts.source} does not have it any more"
        return Standing(next=Next.NOTHING, why=why)
    if not facts.applied:
        return Standing(next=Next.WAITS, why=f"it is not destroyed in {facts.source} yet")
    return Standing(next=Next.DELETIONS)


def _there(facts: StackFacts) -> Standing:
    """Of a stack that the source's files have."""
    if not facts.promoted:
        why = f"its spec in {facts.source} has a lifetime or says `promote: false`"
        return Standing(next=Next.NOTHING, why=why)
    if not facts.loads:
        return Standing(next=Next.WAITS, why=f"its spec in {facts.source} has errors")
    if not facts.applied:
        return Standing(
            next=Next.WAITS, why=f"{facts.source} is not applied with exactly this text yet"
        )
    if facts.unwritten:
        return Standing(next=Next.WAITS, why=facts.unwritten, told=True)
    if not (facts.changes or facts.deletions):
        why = f"{facts.target} has everything that {facts.source} changed"
        return Standing(next=Next.NOTHING, why=why)
    if not (facts.ready or facts.live):
        return Standing(next=Next.WAITS, why=f"a plan of {facts.source} is not empty yet")
    return Standing(next=Next.CHANGES if facts.changes else Next.DELETIONS)
