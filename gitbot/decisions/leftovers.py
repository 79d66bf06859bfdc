"""What is left of a command whose job died half-way. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gitbot.model.names import Sha, StackId
from gitbot.model.runs import Run, RunStatus


def finished(runs: Sequence[Run], head: Sha) -> frozenset[str]:
    """Names of the stacks that the command has applied at this head and not told of yet."""
    return frozenset(
        run.stack.name for run in _untold(runs, head) if run.status is RunStatus.APPLIED
    )


def interrupted(runs: Sequence[Run], head: Sha) -> tuple[Run, ...]:
    """The newest run of each stack that the command began on and did not finish.

    ``runs`` are those of the command, oldest first. The command goes on with them, although the
    state has moved since. What failed and was told of is not among them: it takes a new command.
    """
    newest: dict[StackId, Run] = {run.stack: run for run in _untold(runs, head)}
    return tuple(run for run in newest.values() if run.status is not RunStatus.APPLIED)


def _untold(runs: Sequence[Run], head: Sha) -> tuple[Run, ...]:
    return tuple(run for run in runs if run.head == head and run.shown_at is None)
