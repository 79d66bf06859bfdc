"""Tell which stacks still use what a stack is about to delete. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gitbot.model.plan import Plan
from gitbot.model.recorded import RecordedOutput, StackHeader
from gitbot.model.uses import output_of, producer_of
from gitbot.reconciler.across import changed_outputs, mark_of


def waiting_users(
    plan: Plan, outputs: Mapping[str, RecordedOutput], recorded: Iterable[StackHeader]
) -> tuple[str, ...]:
    """The other stacks that were last applied with an output which the plan changes, or which is
    another one by now; sorted.

    ``outputs`` are the recorded ones of the plan's stack. What such a stack uses may be an object that
    this plan replaces or removes, and AWS does not refuse to delete all that is used: a role, a key.
    None for a plan that destroys the stack: that one waits for users by its guards.
    """
    if plan.destroys:
        return ()
    changed = changed_outputs(plan)
    return tuple(
        sorted(
            header.id.name
            for header in recorded
            if not header.empty
            and any(
                producer_of(key) == plan.stack.name
                and (key in changed or mark != _mark(outputs.get(output_of(key))))
                for key, mark in header.uses.items()
            )
        )
    )


def _mark(output: RecordedOutput | None) -> str | None:
    return None if output is None else mark_of(output)
