"""Decides which stacks of a tree are wanted now. No other module reads a tree's stacks. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from gitbot.decisions.drift.ignores import in_force
from gitbot.model.desired import DesiredStack, LoadedTree
from gitbot.model.wanted import TimeFacts, Wanted

NO_FACTS = TimeFacts()
"""No stack has expired."""


def wanted(tree: LoadedTree, environment: str, facts: TimeFacts, now: datetime) -> Wanted:
    """The stacks of the environment that are wanted at ``now``, with the drift that is ignored then.

    A stack whose tombstone lies in the past is entombed, even if the tree still has its file as it
    was then. A file that says something else revives it.
    """
    written = written_in(tree, environment)
    entombed = frozenset(
        stack
        for (place, stack), tombstone in facts.tombstones.items()
        if place == environment
        and tombstone.at <= now
        and (stack not in written or written[stack].hash == tombstone.mark)
    )
    return Wanted(
        environment=environment,
        stacks={
            stack.name: _ignoring(stack, tree, now)
            for stack in tree.stacks
            if stack.environment == environment and stack.name not in entombed
        },
        entombed=entombed,
        present=environment in tree.environments,
        errors=bool(tree.errors(environment)),
    )


def _ignoring(stack: DesiredStack, tree: LoadedTree, now: datetime) -> DesiredStack:
    """The stack, whose resources know the drift that their environment ignores now."""
    environment = tree.environments.get(stack.environment)
    rules = () if environment is None else in_force(environment.drift.ignore, stack.name, now)
    if not rules:
        return stack
    resources = {
        address: replace(
            one,
            lifecycle=replace(
                one.lifecycle,
                ignore_drift=tuple(rule for rule in rules if rule.resource == address),
            ),
        )
        for address, one in stack.resources.items()
    }
    return replace(stack, resources=resources)


def written_in(tree: LoadedTree, environment: str) -> Mapping[str, DesiredStack]:
    """The stacks that the files of the environment declare, by name.

    Whether they are wanted is another question: this is for whoever asks about the files.
    """
    return {stack.name: stack for stack in tree.stacks if stack.environment == environment}
