"""What a spec may say settles or is refused: for every edge of every native type's schema.

The rows come from the schemas (``samples``). They stand for one kind of fault: values that the
schema takes and the service does not keep, so that every plan shows them again, or that pass the
plan and are refused by the service.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from gitbot.providers.aws.types import NATIVE_TYPES
from gitbot.reconciler.pointers import PatternSet
from tests.contract.aws.lives import CATALOG, Lives, with_sample
from tests.contract.aws.samples import Edge, Pattern, edges_of
from tests.model_checks import some


def _rows() -> Iterator[tuple[str, Pattern, Pattern, Edge]]:
    for name in sorted(NATIVE_TYPES):
        schema = CATALOG.lookup(name)
        assert schema is not None
        made_only = PatternSet(schema.create_only)
        for leaf, path, edge in edges_of(schema):
            if not made_only.reaches(path):
                yield name, leaf, path, edge


pytestmark = pytest.mark.model
ROWS = some(40, tuple(_rows()))


@pytest.mark.parametrize(
    ("type_", "leaf", "path", "edge"),
    ROWS,
    ids=[f"{name}-{'.'.join(path)}-{edge.name}" for name, _, path, edge in ROWS],
)
def test_an_edge_of_the_schema_settles_or_is_refused(
    lives: Lives, type_: str, leaf: Pattern, path: Pattern, edge: Edge
) -> None:
    """``Life.apply`` checks that the plan after the apply is empty."""
    life = lives.of(type_, lives.minimal(type_))
    usual = with_sample(lives, type_, leaf, 0)
    spec = _put(usual, path, edge)
    if not life.attempt(spec) and life.recorded is not spec:  # it would be replaced
        lives.another(life, spec)
    lives.keep(life, path)


def _put(tree: Any, path: Pattern, edge: Edge) -> Any:
    """The tree with the edge's value in the place of the one at the path."""
    if not path:
        return edge.value(tree)
    first, rest = path[0], path[1:]
    if first == "*":
        return [_put(tree[0], rest, edge), *tree[1:]]
    return {**tree, first: _put(tree[first], rest, edge)}
