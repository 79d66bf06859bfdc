"""Says what to write so that what seems to be renamed keeps its object. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection

from gitbot.model.names import Address, is_within

_STEP = re.compile(r'\["[^"]*"\]|\.?[^.\["]+')


def move_line(
    old: Address,
    new: Address,
    wanted: Collection[Address] = (),
    recorded: Collection[Address] = (),
) -> str:
    """What to write, and where, so that what had the old address has the new one.

    Where everything above both is renamed alike, such as a module with all in it, one line says so.
    ``wanted`` are all addresses of the specs, ``recorded`` those of state.
    """
    before, after = _above(old, new, wanted, recorded)
    if (before, after) == (old, new) and old.isidentifier() and new.isidentifier():
        return f"`lifecycle: {{moved: {old}}}` in `{new}`"
    before, after = (Address(one.replace("'", "''")) for one in (before, after))
    return f"`moved: [{{from: '{before}', to: '{after}'}}]` below `spec` of the stack"


def _above(
    old: Address, new: Address, wanted: Collection[Address], recorded: Collection[Address]
) -> tuple[Address, Address]:
    """The outermost addresses above both whose difference is the same, where nothing else is meant by them:
    the specs declare nothing below the former, and state has nothing below the latter."""
    found = (old, new)
    before, after = _STEP.findall(old), _STEP.findall(new)
    while len(before) > 1 and len(after) > 1 and before.pop() == after.pop():
        above = Address("".join(before)), Address("".join(after))
        if above[0] == above[1] or is_within(*above) or is_within(*reversed(above)):
            break
        if any(is_within(one, above[0]) for one in wanted):
            break
        if any(is_within(one, above[1]) for one in recorded):
            break
        found = above
    return found
