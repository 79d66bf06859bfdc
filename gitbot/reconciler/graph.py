"""Dependency graphs: levels, order and cycles, in linear time and always the same order. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any, Protocol, TypeVar


class Node(Hashable, Protocol):
    """What a graph is made of: names with an order."""

    def __lt__(self, other: Any, /) -> bool:
        """The order of names."""


N = TypeVar("N", bound=Node)


def levels(edges: Mapping[N, Iterable[N]]) -> tuple[tuple[N, ...], ...]:
    """The nodes in levels, each after everything that it depends on; inside a level by name.

    ``edges`` maps every node to what it depends on; names that are no nodes are left out.
    Nodes on a cycle, and what depends on them, are in no level: see ``cycle``.
    """
    waiting, dependents = _index(edges)
    ready = sorted(node for node, count in waiting.items() if not count)
    found: list[tuple[N, ...]] = []
    while ready:
        found.append(tuple(ready))
        freed: list[N] = []
        for node in ready:
            for dependent in dependents[node]:
                waiting[dependent] -= 1
                if not waiting[dependent]:
                    freed.append(dependent)
        ready = sorted(freed)
    return tuple(found)


def order(edges: Mapping[N, Iterable[N]]) -> tuple[N, ...]:
    """The nodes with every dependency before its dependents.

    A cycle does not lose nodes: those on it, and after it, come last by name. Recorded
    dependencies can be circular only after a failed apply, and a deletion must still find an order.
    """
    placed = [node for level in levels(edges) for node in level]
    if len(placed) < len(edges):
        known = set(placed)
        placed.extend(sorted(node for node in edges if node not in known))
    return tuple(placed)


def reverse_order(edges: Mapping[N, Iterable[N]]) -> tuple[N, ...]:
    """The nodes with every dependent before what it depends on: the order of deletion."""
    return tuple(reversed(order(edges)))


def cycle(edges: Mapping[N, Iterable[N]]) -> tuple[N, ...]:
    """One cycle as a path that ends where it begins (``a, b, a``); empty without one."""
    placed = {node for level in levels(edges) for node in level}
    stuck = {node for node in edges if node not in placed}
    if not stuck:
        return ()
    # Every stuck node waits for another stuck one: following the first such edge must come round.
    path: list[N] = []
    seen: dict[N, int] = {}
    node = min(stuck)
    while node not in seen:
        seen[node] = len(path)
        path.append(node)
        node = min(needed for needed in edges[node] if needed in stuck)
    return (*path[seen[node] :], node)


def _index(edges: Mapping[N, Iterable[N]]) -> tuple[dict[N, int], dict[N, list[N]]]:
    waiting: dict[N, int] = dict.fromkeys(edges, 0)
    dependents: dict[N, list[N]] = {node: [] for node in edges}
    for node, needed in edges.items():
        for dependency in set(needed):
            if dependency in dependents:
                waiting[node] += 1
                dependents[dependency].append(node)
    return waiting, dependents
