"""Tell which steps of a walk only delete what leaves, so that others may go on using it for a while. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gitbot.errors import UserError
from gitbot.model.plan import Action
from gitbot.walk.graph import Phase, Step, StepKey


def is_parting(step: Step) -> bool:
    """Whether the step deletes an object in whose place nothing is made, or was made already."""
    return step.key.phase is Phase.DEPOSED or (
        step.key.phase is Phase.DELETE and step.change.action is Action.DELETE
    )


def parting(steps: Mapping[StepKey, Step]) -> frozenset[StepKey]:
    """The deletions for which nothing waits that makes or changes an object."""
    needed: set[StepKey] = set()
    waiting = [key for step in steps.values() if not is_parting(step) for key in step.after]
    while waiting:
        key = waiting.pop()
        if key not in needed:
            needed.add(key)
            waiting.extend(steps[key].after)
    return frozenset(key for key, step in steps.items() if is_parting(step)) - needed


def kept_for_users(names: Sequence[str]) -> UserError:
    """The failure of a deletion that waits for stacks that use the object."""
    stacks = ", ".join(f"`{name}`" for name in names)
    return UserError(
        f"it is kept for {stacks}, last applied with outputs that this stack gives anew, and is deleted "
        "once that is applied with the new ones"
    )
