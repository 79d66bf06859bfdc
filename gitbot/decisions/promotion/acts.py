"""Decides which pull requests of promotions are opened, updated, left and closed. Pure.

At most one pull request is open for each stack of an edge, and none is open without a stack.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from gitbot.decisions.promotion.grouping import branch_of, groups, stands_for
from gitbot.decisions.promotion.standing import Next, Standing
from gitbot.model.promotion import Part, PromotionRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """What is known of the promotions from source to target.

    ``rows`` and ``standings`` are by stack, ``ties`` names the pull requests that changed each stack.
    ``open`` are gitbot's own open pull requests with their branches, also those that no row knows of.
    """

    source: str
    target: str
    rows: Mapping[str, PromotionRow]
    standings: Mapping[str, Standing]
    ties: Mapping[str, Collection[str]]
    open: Mapping[int, str]

    def at(self, stack: str) -> int | None:
        """The open pull request of the stack."""
        live = self.rows[stack].live
        return live.number if live is not None and live.number in self.open else None

    def natural(self, stack: str, part: Part) -> str:
        """The branch that a pull request of this stack, and of others after it, has."""
        return branch_of(self.source, self.target, stack, deletions=part is Part.DELETIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Stacks that one pull request brings, or their deletions; ``number``: it is open already."""

    part: Part
    stacks: tuple[str, ...]
    branch: str
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acts:
    """What a job does, in this order.

    ``closes`` are the pull requests of which nothing is left, and why. ``leaves`` are the stacks that are
    to be no more in a pull request that goes on with others: no row claims what it does not bring, also
    when a job dies. ``brings`` are opened or updated. ``waits`` are the pull requests that stay as they
    are, and why.
    """

    closes: Mapping[int, str] = field(default_factory=dict)
    leaves: tuple[str, ...] = ()
    brings: tuple[Group, ...] = ()
    waits: Mapping[int, str] = field(default_factory=dict)


def acts(edge: Edge) -> Acts:
    """What is to be done now."""
    waits = {
        number: f"{stack}: {edge.standings[stack].why}"
        for stack in sorted(edge.rows, reverse=True)
        if edge.standings[stack].next is Next.WAITS and (number := edge.at(stack)) is not None
    }
    brings = tuple(group for part in Part for group in _groups(edge, part, waits))
    kept = {*waits, *(group.number for group in brings)}
    stays = {stack: group for group in brings for stack in group.stacks}
    left: dict[str, int] = {}
    for stack in sorted(edge.rows):
        number, group = edge.at(stack), stays.get(stack)
        if number is not None and number not in waits and (group is None or group.number != number):
            left[stack] = number
    return Acts(
        closes={
            number: _why(edge, [stack for stack, at in left.items() if at == number], stays)
            for number in edge.open
            if number not in kept
        },
        brings=brings,
        leaves=tuple(stack for stack, at in left.items() if at in kept),
        waits=waits,
    )


def _why(edge: Edge, stacks: Collection[str], elsewhere: Collection[str]) -> str:
    """Why a pull request that brought these stacks is closed."""
    if any(stack in elsewhere for stack in stacks):
        return "what it brought goes on in another pull request"
    whys = dict.fromkeys(f"{stack}: {edge.standings[stack].why}" for stack in stacks)
    return "; ".join(whys) or "it brings nothing that is to be promoted"


def _groups(edge: Edge, part: Part, waits: Collection[int]) -> Iterator[Group]:
    """What is brought now. A stack that is held and has no pull request is in no group; no group is
    brought of which a pull request waits."""
    ties = {
        stack: _ties(edge, stack, part) for stack in edge.rows if _belongs(edge, stack, part, waits)
    }
    for stacks in groups(ties):
        numbers = {
            edge.at(stack) for stack in stacks if edge.open.get(edge.at(stack) or 0) in ties[stack]
        }
        if numbers & set(waits):
            continue
        branch = edge.natural(stacks[0], part)
        named = {number for number, one in edge.open.items() if stands_for(one, branch)}
        number = min((one for one in numbers or named if one is not None), default=None)
        yield Group(
            part=part,
            stacks=stacks,
            branch=branch if number is None else edge.open[number],
            number=number,
        )


def _belongs(edge: Edge, stack: str, part: Part, waits: Collection[int]) -> bool:
    """Whether the stack is brought, or is in a pull request of this part that waits."""
    row, at = edge.rows[stack], edge.at(stack)
    if at is not None and at in waits:
        return row.live is not None and row.live.part is part
    return edge.standings[stack].next.part is part and (row.hold is None or at is not None)


def _ties(edge: Edge, stack: str, part: Part) -> tuple[str, ...]:
    """What ties the stack to others: the branch that it is on, or would get, and who changed it."""
    live = edge.rows[stack].live
    here = live is not None and live.part is part and live.number in edge.open
    branch = live.branch if live is not None and here else edge.natural(stack, part)
    return (branch, *(edge.ties.get(stack, ()) if part is Part.CHANGES else ()))
