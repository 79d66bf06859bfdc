"""The order of dependencies and the circles in it."""

from __future__ import annotations

import time
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gitbot.language.graph import order

_GRAPHS = st.integers(1, 9).flatmap(
    lambda size: st.lists(
        st.sets(st.integers(0, size - 1), max_size=3), min_size=size, max_size=size
    ).map(lambda below: {str(n): {str(one) for one in ones} for n, ones in enumerate(below)})
)


def reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for below in graph[waiting.pop()]:
            if below not in seen:
                seen.add(below)
                waiting.append(below)
    return seen


@given(_GRAPHS)
def test_every_node_comes_once_and_after_what_it_depends_on(graph: dict[str, set[str]]) -> None:
    found = order(graph)
    assert sorted(found.names) == sorted(graph)
    position = {name: number for number, name in enumerate(found.names)}
    for name, below in graph.items():
        for one in below:
            assert position[one] < position[name] or name in reachable(graph, one)


@given(_GRAPHS)
def test_circles_are_real_and_each_is_reported_once(graph: dict[str, set[str]]) -> None:
    found = order(graph)
    for path in found.cycles:
        assert path[0] == path[-1]
        assert len(set(path)) == len(path) - 1
        assert all(below in graph[name] for name, below in pairwise(path))
    groups = {
        frozenset(
            one for one in graph if one in reachable(graph, name) and name in reachable(graph, one)
        )
        for name in graph
    } - {frozenset()}
    assert len(found.cycles) == len(groups)


def test_long_chains_need_no_recursion_and_little_time() -> None:
    chain = {str(n): {str(n + 1)} if n < 50_000 else set() for n in range(50_001)}
    began = time.process_time()
    assert order(chain).names[0] == "50000"
    assert time.process_time() - began < 5
