"""Finds stacks whose plans read the same, so that people read them once. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from gitbot.model.plan import short_digest
from gitbot.render.blocks import Block, Bullets, Code, Heading, Paragraph, Rank, Words
from gitbot.render.plans import plan_blocks
from gitbot.render.views import StackPlanView

LEAST: Final = 3
"""From how many stacks on plans that read the same are shown once."""


def equal_plans(stacks: Sequence[StackPlanView]) -> list[tuple[StackPlanView, ...]]:
    """The stacks in their order, those with plans that read the same together, where the first stands.

    A stack of which there is more to say than its plan stands alone.
    """
    if len(stacks) < LEAST:
        return [(stack,) for stack in stacks]
    found: dict[object, list[StackPlanView]] = {}
    for stack in stacks:
        found.setdefault(_key(stack), []).append(stack)
    groups: list[tuple[StackPlanView, ...]] = []
    for each in found.values():
        groups += [tuple(each)] if len(each) >= LEAST else [(stack,) for stack in each]
    order = {stack.name: number for number, stack in enumerate(stacks)}
    return sorted(groups, key=lambda group: order[group[0].name])


def _key(stack: StackPlanView) -> object:
    more = stack.problems or stack.blocked or stack.drift or stack.hours or stack.renamed
    if stack.plan is None or stack.plan.empty or more:
        return stack.name
    return tuple(plan_blocks(replace(stack.plan, digest="")))


def group_blocks(environment: str, group: Sequence[StackPlanView]) -> Iterator[Block]:
    """The blocks about stacks with plans that read the same: each stack with its digest, and the plan."""
    plans = [stack.plan for stack in group if stack.plan is not None]
    first = plans[0]
    yield Heading(
        level=4,
        spans=(
            Code(f"{environment}/{group[0].name}"),
            Words(f" and {len(group) - 1} more stacks with the same plan"),
        ),
    )
    yield Bullets(
        items=tuple(
            (
                Code(f"{environment}/{plan.stack.name}"),
                Words(": digest "),
                Code(short_digest(plan.digest)),
            )
            for plan in plans
        ),
        rank=Rank.VITAL,
    )
    yield Paragraph(spans=(Words("Each of them:"),), rank=Rank.VITAL)
    yield from plan_blocks(replace(first, digest=""))
