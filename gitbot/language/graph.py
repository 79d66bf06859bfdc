"""The order in which resources depend on each other, and the circles among them. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """``names``: every node after what it depends on, where there is no circle. ``cycles``: one
    shortest path per circle, its first name repeated at its end."""

    names: tuple[str, ...]
    cycles: tuple[tuple[str, ...], ...]


def order(dependencies: Mapping[str, Collection[str]]) -> Order:
    """The order of a graph from name to the names that it depends on, all of them keys.

    Deterministic: by the order of the mapping, then by name. Linear in nodes and edges.
    """
    groups = _strongly_connected({name: sorted(below) for name, below in dependencies.items()})
    position = {name: number for number, name in enumerate(dependencies)}
    cycles = [
        _cycle(min(group, key=position.__getitem__), group, dependencies)
        for group in groups
        if len(group) > 1 or group[0] in dependencies[group[0]]
    ]
    return Order(
        names=tuple(name for group in groups for name in group),
        cycles=tuple(sorted(cycles, key=lambda path: position[path[0]])),
    )


def _strongly_connected(edges: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Tarjan's algorithm (SIAM J. Comput. 1972) without recursion; groups come out
    dependencies first."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    waiting: list[str] = []
    groups: list[list[str]] = []
    done: set[str] = set()

    def enter(name: str) -> tuple[str, Iterator[str]]:
        index[name] = low[name] = len(index)
        waiting.append(name)
        return name, iter(edges[name])

    for root in edges:
        work = [] if root in index else [enter(root)]
        while work:
            name, below = work[-1]
            child = next(below, None)
            if child is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[name])
                if low[name] == index[name]:
                    groups.append(_pop_group(waiting, name))
                    done.update(groups[-1])
            elif child not in index:
                work.append(enter(child))
            elif child not in done:
                low[name] = min(low[name], index[child])
    return groups


def _pop_group(waiting: list[str], last: str) -> list[str]:
    group: list[str] = []
    while not group or group[-1] != last:
        group.append(waiting.pop())
    return group


def _cycle(
    start: str, group: Collection[str], dependencies: Mapping[str, Collection[str]]
) -> tuple[str, ...]:
    """The shortest way from ``start`` back to itself inside the group."""
    inside = set(group)
    ways: deque[tuple[str, ...]] = deque([(start,)])
    seen = {start}
    while ways:
        way = ways.popleft()
        for below in sorted(inside.intersection(dependencies[way[-1]])):
            if below == start:
                return (*way, start)
            if below not in seen:
                seen.add(below)
                ways.append((*way, below))
    raise AssertionError("a group of one circle leads back to its start")
