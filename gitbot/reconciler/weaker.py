"""Tell which planned replacements rest on values that are not known yet, and who gives these. Pure."""

from __future__ import annotations

from gitbot.model.plan import Action, Change
from gitbot.model.uses import stack_in
from gitbot.model.values import Unknown, Value, leaves


def may_turn_out_weaker(change: Change) -> bool:
    """Whether a replacement rests only on values that were not known when it was planned."""
    maybe = [*(path for path in change.paths if path.may_force)]
    if change.forced:
        return False
    open_ = bool(maybe) or any(one.may for one in change.triggers)
    sure = any(path.forces and not path.may_force for path in change.paths)
    return open_ and not sure and all(one.may for one in change.triggers)


def decided_by(change: Change) -> tuple[str, ...]:
    """The stacks whose outputs alone decide whether the object is replaced; empty if anything else does."""
    if change.action is not Action.REPLACE or not may_turn_out_weaker(change):
        return ()
    values = [path.after for path in change.paths if path.may_force]
    values += [one.after for one in change.triggers]
    names = [stacks_of(value) for value in values]
    return tuple(sorted({name for each in names for name in each})) if all(names) else ()


def stacks_of(value: Value) -> frozenset[str]:
    """The stacks whose outputs the value waits for; none if it waits for anything else, too."""
    used = [
        address
        for leaf in leaves(value)
        if isinstance(leaf, Unknown)
        for address in leaf.references.values()
    ]
    names = frozenset(map(stack_in, used))
    return frozenset() if "" in names else names
