"""What a tree and the time want of each stack: the only reader of a tree's stacks. Pure."""

from __future__ import annotations

from datetime import datetime

from gitbot.model.desired import LoadedTree
from gitbot.model.wanted import TimeFacts, Wanted

NO_FACTS = TimeFacts()
"""Nothing of a tree has been taken away by time."""


def wanted(tree: LoadedTree, environment: str, facts: TimeFacts, now: datetime) -> Wanted:
    """What is wanted of the environment's stacks at that instant.

    A stack with a tombstone that has come into force is entombed, whether the tree still has its
    file or not.
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
