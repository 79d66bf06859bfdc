"""Decides when the pull request of a promotion is a draft. Pure."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from gitbot.model.promotion import PromotedStack
from gitbot.model.values import sha256_hex


class Turn(StrEnum):
    """What becomes of a pull request: of a draft, or where there are none, of a label."""

    DRAFT = "draft"
    READY = "ready"
    STAY = "stay"


def reasons_of(stack: PromotedStack) -> tuple[str, ...]:
    """What a person must decide of the stack, a hash each: lines may move without a new reason."""
    found = (
        *(one.conflict for one in stack.conflicts),
        *stack.bound,
        *stack.lacking,
        *((one.stack, one.unproven) for one in stack.unproven),
    )
    return tuple(sha256_hex(repr((stack.name, one)))[:16] for one in found)


def turn(before: Collection[str], now: Collection[str], *, marked: bool, ours: bool) -> Turn:
    """What to do with a pull request that a person had to decide ``before`` and has to ``now``.

    ``marked``: it is a draft or has the label. ``ours``: gitbot marked it. What a person marked as
    ready stays so until there is a new reason, and what a person made a draft stays one.
    """
    if set(now) - set(before) and not marked:
        return Turn.DRAFT
    if not now and marked and ours:
        return Turn.READY
    return Turn.STAY
