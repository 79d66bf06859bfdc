"""Tests for orders and circles in graphs."""

from __future__ import annotations

import time
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gitbot.model.graph import cycles, levels, order, reverse_order

Graph = dict[int, frozenset[int]]

GRAPHS = st.dictionaries(
    st.integers(0, 12), st.frozensets(st.integers(0, 14), max_size=4), max_size=12
)


def reachable(graph: Graph, start: int) -> set[int]:
    """The nodes that ``start`` depends on, directly or not."""
    seen: set[int] = set()
    waiting = [start]
    while waiting:
        for below in graph[waiting.pop()]:
            if below in graph and below not in seen:
                seen.add(below)
                waiting.append(below)
    return seen


def test_levels_come_after_what_they_need_and_by_name() -> None:
    edges = {"d": ["b", "c"], "c": ["a"], "b": ["a"], "a": [], "e": ["elsewhere"]}
    assert levels(edges) == (("a", "e"), ("b", "c"), ("d",))
    assert reverse_order(edges) == ("d", "c", "b", "e", "a")


def test_what_is_on_a_circle_comes_last_by_name() -> None:
    assert order({"a": ["b"], "b": ["a"], "z": []}) == ("z", "a", "b")


def test_a_circle_is_a_path_that_comes_round_at_its_first_node() -> None:
    assert cycles({"a": ["b"], "b": ["c"], "c": ["b"], "d": []}) == (("b", "c", "b"),)
    assert cycles({"c": ["b"], "b": ["c"], "a": ["a"]}) == (("c", "b", "c"), ("a", "a"))
    assert cycles({"a": ["b"], "b": []}) == ()


@given(GRAPHS)
def test_every_node_comes_once_and_after_what_it_needs_unless_that_is_circular(
    graph: Graph,
) -> None:
    found = order(graph)
    assert sorted(found) == sorted(graph)
    place = {node: index for index, node in enumerate(found)}
    circular = {node for node in graph if node in reachable(graph, node)}
    for node, needed in graph.items():
        if node not in circular and not circular & reachable(graph, node):
            assert all(place[item] < place[node] for item in needed if item in place)


@given(GRAPHS)
def test_circles_are_real_and_each_is_found_once(graph: Graph) -> None:
    found = cycles(graph)
    for path in found:
        assert path[0] == path[-1]
        assert len(set(path)) == len(path) - 1
        assert all(below in graph[node] for node, below in pairwise(path))
    groups = {
        frozenset(
            other
            for other in graph
            if other in reachable(graph, node) and node in reachable(graph, other)
        )
        for node in graph
    } - {frozenset()}
    assert len(found) == len(groups)


def test_long_chains_and_long_circles_need_no_recursion_and_little_time() -> None:
    chain = {n: [n + 1] if n < 50_000 else [] for n in range(50_001)}
    began = time.process_time()
    assert order(chain)[0] == 50_000
    assert len(cycles({**chain, 50_000: [0]})[0]) == 50_002
    assert time.process_time() - began < 5
