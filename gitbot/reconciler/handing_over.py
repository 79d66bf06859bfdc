"""Tell which stacks still use what a stack is about to delete. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gitbot.model.plan import OutputChange, Plan
from gitbot.model.recorded import RecordedOutput, StackHeader
from gitbot.model.uses import producer_of
from gitbot.model.values import is_known
from gitbot.reconciler.across import mark_of


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
    marks = {f"{plan.stack.name}.{name}": mark_of(one.value) for name, one in outputs.items()}
    marks |= {f"{plan.stack.name}.{one.name}": _planned(one) for one in plan.outputs}
    return tuple(
        sorted(
            header.id.name
            for header in recorded
            if not header.empty
            and any(
                producer_of(key) == plan.stack.name and mark != marks.get(key)
                for key, mark in header.uses.items()
            )
        )
    )


def _planned(one: OutputChange) -> str:
    """The mark of what the output becomes; empty where nobody knows that yet, or may."""
    known = not one.removed and not one.sensitive and is_known(one.after)
    return mark_of(one.after) if known else ""
