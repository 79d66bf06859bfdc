"""Orders dependency graphs and finds circles in them, in linear time. Pure.

A graph maps each node to the nodes that it depends on. A dependency that is not a key is ignored.
The same mapping in the same order always gives the same result.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from typing import Any, Protocol, TypeVar


class Node(Hashable, Protocol):
    """A node of a graph: a name that can be sorted."""

    def __lt__(self, other: Any, /) -> bool:
        """Whether this name comes before the other."""


N = TypeVar("N", bound=Node)


def levels(edges: Mapping[N, Iterable[N]]) -> tuple[tuple[N, ...], ...]:
    """The nodes in levels: a level depends only on earlier levels. A level is sorted by name.

    Nodes in a circle, and nodes that depend on them, are in no level: see ``cycles``.
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

    Nodes in a circle, and nodes that depend on them, come last, sorted by name. State can hold a
    circle after a failed apply, and its deletion needs an order too.
    """
    placed = [node for level in levels(edges) for node in level]
    if len(placed) < len(edges):
        known = set(placed)
        placed.extend(sorted(node for node in edges if node not in known))
    return tuple(placed)


def reverse_order(edges: Mapping[N, Iterable[N]]) -> tuple[N, ...]:
    """All nodes, each before everything that it depends on: the order for deletions."""
    return tuple(reversed(order(edges)))


def cycles(edges: Mapping[N, Iterable[N]]) -> tuple[tuple[N, ...], ...]:
    """One shortest path, such as ``a, b, a``, for each set of nodes that depend on each other.

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
    """For each node, how many nodes it depends on, and which nodes depend on it."""
    waiting: dict[N, int] = dict.fromkeys(edges, 0)
    dependents: dict[N, list[N]] = {node: [] for node in edges}
    for node, needed in edges.items():
        for dependency in set(needed):
            if dependency in dependents:
                waiting[node] += 1
                dependents[dependency].append(node)
    return waiting, dependents


def _strongly_connected(edges: Mapping[N, Collection[N]]) -> list[list[N]]:
    """The sets of nodes that reach each other, by Tarjan's algorithm (SIAM J. Comput. 1972).

    It uses a list instead of recursion, so that long chains do not exceed the recursion limit.
    """
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
    """The shortest path from ``start`` back to itself within the group."""
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
