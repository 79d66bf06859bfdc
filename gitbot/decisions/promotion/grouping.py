"""Puts stacks together that belong in one pull request. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import chain, count


def groups(ties: Mapping[str, Collection[str]]) -> tuple[tuple[str, ...], ...]:
    """The stacks in groups, each sorted, the groups by their first stack.

    ``ties`` names what each stack is tied to: the pull requests that changed it, and the branch that
    it is on already. Stacks with a tie in common are in one group, also by way of others.
    """
    leader = {stack: stack for stack in ties}

    def find(stack: str) -> str:
        while leader[stack] != stack:
            stack = leader[stack]
        return stack

    first: dict[str, str] = {}
    for stack in sorted(ties):
        for tie in ties[stack]:
            one, other = sorted((find(stack), find(first.setdefault(tie, stack))))
            leader[other] = one
    found: dict[str, list[str]] = {}
    for stack in sorted(ties):
        found.setdefault(find(stack), []).append(stack)
    return tuple(tuple(stacks) for _, stacks in sorted(found.items()))


def branch_of(source: str, target: str, first: str, *, deletions: bool = False) -> str:
    """The branch of gitbot's own that brings a group, or its deletions, to the target."""
    return prefix_of(source, target) + first + ("_deletions" if deletions else "")


def next_branches(branch: str) -> Iterator[str]:
    """The branch, and those that stand in its place where others have committed to it."""
    return chain([branch], map(f"{branch}_".__add__, map(str, count(2))))


def stands_for(one: str, branch: str) -> bool:
    """Whether the first is the branch, or stands in its place."""
    rest = one.removeprefix(f"{branch}_")
    return one == branch or (rest != one and rest.isdecimal())


def prefix_of(source: str, target: str) -> str:
    """How the branches of an edge begin."""
    return f"gitbot/promote/{source}_to_{target}/"
