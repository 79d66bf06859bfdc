"""Order in graphs."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gitbot.reconciler.graph import cycle, levels, order, reverse_order

GRAPHS = st.dictionaries(
    st.integers(0, 12), st.frozensets(st.integers(0, 14), max_size=4), max_size=12
)


def test_levels_come_after_what_they_need_and_by_name() -> None:
    edges = {"d": ["b", "c"], "c": ["a"], "b": ["a"], "a": [], "e": ["elsewhere"]}
    assert levels(edges) == (("a", "e"), ("b", "c"), ("d",))
    assert reverse_order(edges) == ("d", "c", "b", "e", "a")


def test_a_cycle_is_told_as_a_path_that_comes_round() -> None:
    assert cycle({"a": ["b"], "b": ["c"], "c": ["b"], "d": []}) == ("b", "c", "b")
    assert cycle({"a": ["a"]}) == ("a", "a")
    assert cycle({"a": ["b"], "b": []}) == ()


@given(GRAPHS)
def test_an_order_has_every_node_once_and_dependencies_first_unless_they_are_circular(
    edges,
) -> None:  # type: ignore[no-untyped-def]
    found = order(edges)
    assert sorted(found) == sorted(edges)
    if not cycle(edges):
        place = {node: index for index, node in enumerate(found)}
        for node, needed in edges.items():
            assert all(place[item] < place[node] for item in needed if item in place)


@given(GRAPHS)
def test_a_cycle_is_made_of_edges(edges) -> None:  # type: ignore[no-untyped-def]
    path = cycle(edges)
    assert not path or path[0] == path[-1]
    assert all(after in edges[before] for before, after in pairwise(path))
