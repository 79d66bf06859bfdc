"""Decides what a ``/drift`` command is about, and whether its apply may be done. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gitbot.decisions.consent import check_agreed
from gitbot.decisions.digests import named_digest
from gitbot.decisions.drift.fingerprints import fingerprint
from gitbot.decisions.drift.undoing import beyond
from gitbot.errors import RefusedError
from gitbot.model.commands import Command
from gitbot.model.drift import Difference, DriftRow, Finding
from gitbot.model.names import StackId
from gitbot.model.plan import Plan
from gitbot.model.said import ShownDigest

_NO_DRIFT = {
    Finding.UNMANAGED: (
        "this issue is about objects that no state knows: declare one with `lifecycle.import` to keep "
        "it, or delete it in the console"
    ),
    Finding.ERROR: "this issue is about a stack that cannot be looked at: that comes first",
}


def drifted(stack: StackId, row: DriftRow | None, here: DriftRow | None) -> DriftRow:
    """The row of a stack whose drift people are told of. ``here`` is the row of the issue.

    Raises:
        RefusedError: nothing of it differs, as far as the last scan saw, or the issue is about
            something else.
    """
    if here is not None and here.finding in _NO_DRIFT:
        raise RefusedError(_NO_DRIFT[here.finding])
    if row is None or not row.live:
        raise RefusedError(
            f"no drift of `{stack.label}` is known: the last scan saw nothing that differs"
        )
    return row


def bound_digest(command: Command, row: DriftRow, shown: Sequence[ShownDigest]) -> str:
    """What the command agrees to: a plan that it names by its digest, or else the drift shown.

    ``shown`` are all digests and fingerprints that the issue has ever shown. Empty: the issue is
    not the one that shows the drift, so nothing is agreed to yet.

    Raises:
        RefusedError: that was not shown before the comment was written.
    """
    mine = [each for each in shown if each.stack == row.stack]
    if (named := named_digest(command, mine)) is not None:
        return named
    if row.issue != command.number:
        return ""
    if not any(
        each.digest == row.fingerprint and each.shown_at <= command.written_at for each in mine
    ):
        raise RefusedError(
            "what differs has changed since the comment was written: read the issue again, then write "
            "the command once more"
        )
    return row.fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """Whether the plan is applied. ``held_by`` are the clauses that say why it is not."""

    held_by: tuple[str, ...] = ()

    @property
    def given(self) -> bool:
        """Whether people have agreed to exactly this."""
        return not self.held_by


def may_undo(
    plan: Plan, differences: Sequence[Difference], digest: str, begun: Plan | None
) -> Undo:
    """Whether a command that agreed to ``digest`` agreed to the plan, made again under the lease.

    ``differences`` is what differs now. ``begun`` is the plan that the command began to apply before
    a process died; its rest needs no new agreement.

    Raises:
        RefusedError: a guard forbids it, or what differs is not what was shown.
    """
    for hit in plan.guards:
        if hit.blocks:
            raise RefusedError(f"{plan.stack.label}: {hit.detail}")
    if begun is not None:
        check_agreed(begun, plan)
        return Undo()
    if plan.digest == digest:
        return Undo()
    if not digest and not plan.empty:
        return Undo(held_by=("this issue does not show what would be put back",))
    if digest and fingerprint(differences) != digest:
        raise RefusedError(
            f"what differs in `{plan.stack.label}` is not what was shown here any more, and nothing was "
            "changed: the issue says what it is after the next scan"
        )
    return Undo(held_by=beyond(plan, differences))
