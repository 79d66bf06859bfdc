"""Collect what a walk has done and what failed, and report it to the watcher. Shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gitbot.model.names import Address
from gitbot.model.plan import Action, Change, ResourceFailure, WalkResult
from gitbot.model.values import Value
from gitbot.ports.jobs import Progress
from gitbot.ports.telemetry import Metric, count


def name_of(change: Change) -> tuple[Address, str]:
    """The key of a change in its plan: several deposed objects share an address."""
    return change.address, change.deposed_operation or ""


class Results:
    """Collects the results of one walk. An unchanged resource is reported only when it fails."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._started: set[tuple[Address, str]] = set()
        self._done: list[tuple[Address, Action]] = []
        self._moved: list[tuple[Address, Address]] = []
        self._goes_on: list[str] = []
        self._kept: list[str] = []
        self._failures: dict[tuple[Address, str], ResourceFailure] = {}
        self._left_over: set[tuple[Address, str]] = set()

    @property
    def failed(self) -> bool:
        """Whether anything failed or was skipped."""
        return bool(self._failures)

    @property
    def broken(self) -> bool:
        """Whether something that stays is not as planned; what is still to be deleted does not count."""
        return bool(self._failures.keys() - self._left_over)

    def leave_over(self, change: Change) -> None:
        """Take in that the change failed to delete an object that leaves, and at nothing else."""
        if name_of(change) not in self._failures:
            self._left_over.add(name_of(change))

    def start(self, change: Change) -> None:
        """Report the first step of the change; its later steps are not reported."""
        if name_of(change) not in self._started:
            self._started.add(name_of(change))
            self._tell(change, "start")

    def succeed(self, change: Change, did: Action) -> None:
        """Report the change as done. ``did`` is the action that it was in the end."""
        if change.action is not Action.NOOP:
            self._done.append((change.address, did))
            count(Metric.CHANGES, action=did.value, outcome="done")
            self._tell(change, "done", "" if did is change.action else did.value)

    def move(self, before: Address, after: Address) -> None:
        """Report that state knows an object under another address now."""
        self._moved.append((before, after))

    def keep(self, left: Sequence[str]) -> None:
        """Report in what deletions have kept what the objects held."""
        self._kept += left

    def fail(self, change: Change, message: str) -> None:
        """Report a failed step. Only the first failure of a change counts."""
        self._give_up(change, message, skipped=False)

    def go_on(self, change: Change, message: str) -> None:
        """Report a step whose work is done in part and takes another apply."""
        self._goes_on.append(message)
        self._give_up(change, message, skipped=False)

    def skip(self, change: Change, message: str, *, made: bool = False) -> None:
        """Report a step that could not be done because an earlier one failed.

        ``made``: it only deletes the old object of a replacement, whose new one is made.
        An unchanged resource is not reported: it has no work that was left undone.
        """
        if change.action is not Action.NOOP:
            self._give_up(change, message, skipped=True, made=made)

    def fail_at(self, address: Address, message: str) -> None:
        """Report a failure that belongs to no change of the plan: an output, a machine's power."""
        self._failures[address, ""] = ResourceFailure(
            address=address, action=Action.NOOP, message=message
        )

    def result(
        self,
        outputs: Mapping[str, Value],
        *,
        interrupted: bool = False,
        left_over: bool = False,
    ) -> WalkResult:
        """Everything that was done and that failed."""
        return WalkResult(
            done=tuple(self._done),
            failures=tuple(self._failures.values()),
            outputs=outputs,
            interrupted=interrupted,
            goes_on=" ".join(self._goes_on),
            left_over=left_over,
            moved=tuple(self._moved),
            kept=tuple(self._kept),
        )

    def _give_up(self, change: Change, message: str, *, skipped: bool, made: bool = False) -> None:
        name = name_of(change)
        if name in self._failures:
            return
        self._failures[name] = ResourceFailure(
            address=change.address,
            action=change.action,
            message=message,
            skipped=skipped,
            made=made,
        )
        if not skipped:
            count(Metric.CHANGES, action=change.action.value, outcome="failed")
        self._tell(change, "skipped" if skipped else "failed", message)

    def _tell(self, change: Change, phase: str, detail: str = "") -> None:
        if change.action is not Action.NOOP or phase == "failed":
            self._progress(change.address, change.action.value, phase, detail)
