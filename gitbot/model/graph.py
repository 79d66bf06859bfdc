"""The order of a dependency graph and the circles in it, in linear time. Pure.

A graph maps each node to the nodes that it depends on; what is no key of the mapping is ignored.
Every function gives the same answer for the same mapping in the same order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from typing import Any, Protocol, TypeVar


class Node(Hashable, Protocol):
    """What a graph is made of: names with an order."""

    def __lt__(self, other: Any, /) -> bool:
        """Whether this name comes before the other."""


N = TypeVar("N", bound=Node)


def levels(edges: Mapping[N, Iterable[N]]) -> tuple[tuple[N, ...], ...]:
    """The nodes in levels: each level needs only nodes of earlier ones. Inside a level by name.

    Nodes on a circle, and what depends on them, are in no level: see ``cycles``.
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
    """All nodes, each after everything that it depends on.

    Nodes on a circle, and what depends on them, come last, by name: state can hold a circle after
    a failed apply, and a deletion must find an order all the same.
    """
    placed = [node for level in levels(edges) for node in level]
    if len(placed) < len(edges):
        known = set(placed)
        placed.extend(sorted(node for node in edges if node not in known))
    return tuple(placed)


def reverse_order(edges: Mapping[N, Iterable[N]]) -> tuple[N, ...]:
    """All nodes, each before everything that it depends on: the order of deletion."""
    return tuple(reversed(order(edges)))


def cycles(edges: Mapping[N, Iterable[N]]) -> tuple[tuple[N, ...], ...]:
    """One shortest path for each set of nodes that depend on each other (``a, b, a``).

    A path starts and ends at the set's first node in the mapping; the paths come in that order.
    """
    placed = {node for level in levels(edges) for node in level}
    stuck = {
        node: sorted({needed for needed in edges[node] if needed in edges} - placed)
        for node in edges
        if node not in placed
    }
    position = {node: number for number, node in enumerate(stuck)}
    found = [
        _shortest(min(group, key=position.__getitem__), set(group), stuck)
        for group in _strongly_connected(stuck)
        if len(group) > 1 or group[0] in stuck[group[0]]
    ]
    return tuple(sorted(found, key=lambda path: position[path[0]]))


def _index(edges: Mapping[N, Iterable[N]]) -> tuple[dict[N, int], dict[N, list[N]]]:
    """How many nodes each node waits for, and which ones wait for it."""
    waiting: dict[N, int] = dict.fromkeys(edges, 0)
    dependents: dict[N, list[N]] = {node: [] for node in edges}
    for node, needed in edges.items():
        for dependency in set(needed):
            if dependency in dependents:
                waiting[node] += 1
                dependents[dependency].append(node)
    return waiting, dependents


def _strongly_connected(edges: Mapping[N, Collection[N]]) -> list[list[N]]:
    """The sets of nodes that reach each other: Tarjan's algorithm (SIAM J. Comput. 1972), with a
    stack of its own instead of recursion, so that long chains are no problem."""
    index: dict[N, int] = {}
    low: dict[N, int] = {}
    waiting: list[N] = []
    groups: list[list[N]] = []
    done: set[N] = set()

    def enter(node: N) -> tuple[N, Iterator[N]]:
        index[node] = low[node] = len(index)
        waiting.append(node)
        return node, iter(edges[node])

    for root in edges:
        work = [] if root in index else [enter(root)]
        while work:
            node, below = work[-1]
            child = next(below, None)
            if child is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    groups.append(_pop_group(waiting, node))
                    done.update(groups[-1])
            elif child not in index:
                work.append(enter(child))
            elif child not in done:
                low[node] = min(low[node], index[child])
    return groups


def _pop_group(waiting: list[N], last: N) -> list[N]:
    group: list[N] = []
    while not group or group[-1] != last:
        group.append(waiting.pop())
    return group


def _shortest(start: N, group: set[N], edges: Mapping[N, Collection[N]]) -> tuple[N, ...]:
    """The shortest way from ``start`` back to itself inside the group."""
    came_from: dict[N, N] = {}
    waiting = deque([start])
    while waiting:
        node = waiting.popleft()
        for below in edges[node]:
            if below == start:
                path = [start, node]
                while path[-1] != start:
                    path.append(came_from[path[-1]])
                return tuple(reversed(path))
            if below in group and below not in came_from:
                came_from[below] = node
                waiting.append(below)
    raise AssertionError("every node of a group leads back to itself")
