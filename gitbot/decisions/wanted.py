"""Decides which stacks of a tree are wanted now. No other module reads a tree's stacks. Pure."""

from __future__ import annotations

from datetime import datetime

from gitbot.model.desired import LoadedTree
from gitbot.model.wanted import TimeFacts, Wanted

NO_FACTS = TimeFacts()
"""No stack has expired."""


def wanted(tree: LoadedTree, environment: str, facts: TimeFacts, now: datetime) -> Wanted:
    """The stacks of the environment that are wanted at ``now``.

    A stack whose tombstone lies in the past is entombed, even if the tree still has its file.
    """
    entombed = frozenset(
        stack
        for (place, stack), at in facts.tombstones.items()
        if place == environment and at <= now
    )
    return Wanted(
        environment=environment,
        stacks={
            stack.name: stack
            for stack in tree.stacks
            if stack.environment == environment and stack.name not in entombed
        },
        entombed=entombed,
        present=environment in tree.environments,
        errors=bool(tree.errors(environment)),
    )
