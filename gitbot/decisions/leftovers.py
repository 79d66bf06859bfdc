"""Finds what earlier applies have left: runs of dead processes, and held runs. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from gitbot.model.names import Address, Sha, StackId
from gitbot.model.plan import Action, Plan, WalkResult
from gitbot.model.recorded import StackHeader
from gitbot.model.runs import Run, RunStatus


def finished(runs: Sequence[Run], head: Sha) -> frozenset[str]:
    """The names of the stacks that the command has applied at this head and not reported yet."""
    return frozenset(
        run.stack.name for run in _untold(runs, head) if run.status is RunStatus.APPLIED
    )


def interrupted(runs: Sequence[Run], head: Sha) -> tuple[Run, ...]:
    """The newest run of each stack that the command began to apply and did not finish.

    ``runs`` are the runs of the command, oldest first. The command continues the unfinished ones,
    even if the state has changed since. To continue a failure that was reported takes a new
    command.
    """
    newest: dict[StackId, Run] = {run.stack: run for run in _untold(runs, head)}
    return tuple(run for run in newest.values() if run.status is not RunStatus.APPLIED)


def cut_off(run: Run | None, result: WalkResult | None) -> bool:
    """Whether the apply was ended from outside: its process died or stopped, or its turn was over.

    ``run`` is the newest apply of the stack. One that failed by itself was not cut off.
    """
    if run is None or run.status not in (RunStatus.RUNNING, RunStatus.FAILED):
        return False
    if run.status is RunStatus.RUNNING or result is None:
        return True
    return not result.failures and (result.interrupted or bool(result.goes_on))


def resumes(
    run: Run | None, result: WalkResult | None, plan: Plan | None, wanted: str | None
) -> bool:
    """Whether an apply of what is ``wanted`` now does the rest of this one, which was cut off.

    ``wanted`` is the hash of the desired stack; None when it is to be destroyed.
    """
    return plan is not None and cut_off(run, result) and plan.desired_hash == wanted


def changed_by(plan: Plan, run: Run, result: WalkResult | None) -> frozenset[Address]:
    """The addresses that the apply has changed, also when it failed afterwards."""
    if result is None:  # its process died, and the state says whether it had come to its end
        planned = plan.effective if run.status is RunStatus.APPLIED else ()
        return frozenset(change.address for change in planned)
    return frozenset(address for address, action in result.done if action is not Action.NOOP)


def completed_by(run: Run, plan: Plan, recorded: StackHeader) -> bool:
    """Whether this run completed the state, with its plan and for its commit."""
    return (
        recorded.complete
        and recorded.serial > plan.serial
        and (recorded.lineage, recorded.desired_hash) == (plan.lineage, plan.desired_hash)
        and recorded.commit == run.commit
    )


def no_longer_held(
    held: Iterable[Run], *, kept: Collection[str], blocked: Collection[str]
) -> tuple[Run, ...]:
    """The held runs that the tip no longer needs.

    ``kept`` are the ids of the runs that this apply made or found. ``blocked`` are the names of the
    stacks that it could not plan; their held runs stay.
    """
    return tuple(run for run in held if run.id not in kept and run.stack.name not in blocked)


def _untold(runs: Sequence[Run], head: Sha) -> tuple[Run, ...]:
    return tuple(run for run in runs if run.head == head and run.shown_at is None)
