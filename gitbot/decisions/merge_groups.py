"""Decides about commits of a merge queue: whose they are, and whether they do what was reviewed. Pure.

https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/incorporating-changes-from-a-pull-request/merging-a-pull-request-with-a-merge-queue
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

_BRANCH = re.compile(r"gh-readonly-queue/(.+)/pr-(\d{1,18})-[0-9a-f]{40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """The base branch of a queue's commit, and the last pull request in it."""

    base: str
    number: int


def queued(branch: str) -> Queued | None:
    """What the name of a queue's branch says; None when it is no such branch."""
    found = _BRANCH.fullmatch(branch)
    return None if found is None else Queued(base=found[1], number=int(found[2]))


def is_queue(branch: str) -> bool:
    """Whether a merge queue made this branch."""
    return queued(branch) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPlan:
    """The plan of one stack at a queue's commit.

    ``digest`` is None when there is no plan. ``agreed`` are the digests of what the open pull
    requests show of the stack, alone and together. ``any_plan``: the environment applies plans that
    nobody reviewed.
    """

    label: str
    digest: str | None
    empty: bool = False
    agreed: Collection[str] = ()
    any_plan: bool = False


def not_reviewed(plans: Iterable[GroupPlan]) -> tuple[str, ...]:
    """The stacks for which a merge of the group would do something that nobody was shown."""
    return tuple(
        plan.label
        for plan in plans
        if plan.digest is not None
        and not plan.empty
        and not plan.any_plan
        and plan.digest not in plan.agreed
    )
