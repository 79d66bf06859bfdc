"""What a plan says of a path is what the cloud then is: for every path of every native type.

The rows come from the tables and schemas of the types (``samples``), so that a new type or property
is tested without a line here. They stand for one kind of fault: a change or removal that the plan
shows, the apply calls done and nobody did.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from gitbot.model.plan import Action
from gitbot.providers.aws.types import NATIVE_TYPES
from gitbot.reconciler.pointers import PatternSet
from tests.contract.aws.lives import CATALOG, Lives, with_sample
from tests.contract.aws.samples import Pattern, paths_of
from tests.model_checks import some


def _leaves() -> Iterator[tuple[str, Pattern]]:
    for name in sorted(NATIVE_TYPES):
        schema = CATALOG.lookup(name)
        assert schema is not None
        yield from ((name, path) for path in paths_of(schema))


def _parents() -> Iterator[tuple[str, Pattern, Pattern]]:
    """Every map, list and element that has parts, with the first of them."""
    seen: set[tuple[str, Pattern]] = set()
    for name, path in LEAVES:
        for parent in (path[:length] for length in range(1, len(path))):
            if (name, parent) not in seen:
                seen.add((name, parent))
                yield name, path, parent


pytestmark = pytest.mark.model
LEAVES = tuple(_leaves())
PARENTS = some(20, tuple(_parents()))
TRIED = some(30, LEAVES)
every_path = pytest.mark.parametrize(
    ("type_", "path"), TRIED, ids=[f"{name}-{'.'.join(path)}" for name, path in TRIED]
)
every_parent = pytest.mark.parametrize(
    ("type_", "path", "parent"),
    PARENTS,
    ids=[f"{name}-{'.'.join(parent)}" for name, _, parent in PARENTS],
)
REFUSALS = {"removal-undeclared", "missing-property", "property-value", "made-otherwise"}


@every_path
def test_what_the_plan_says_of_a_path_is_what_the_cloud_then_is(
    lives: Lives, type_: str, path: Pattern
) -> None:
    """Declare the path, change it, take it out: each is done, makes a new object, or is refused."""
    schema = CATALOG.lookup(type_)
    assert schema is not None
    first, second = (with_sample(lives, type_, path, which) for which in (0, 1))
    made_only = PatternSet(schema.create_only).reaches(path)
    life = shared = lives.of(type_, lives.minimal(type_))
    if made_only:
        life.pretend(first)
    elif life.apply(first).action is Action.REPLACE:  # a device of its own, for example
        life = lives.another(life, first)
    change = life.apply(second)
    if first != second:
        assert (change.action is Action.REPLACE) == made_only
    before = first if made_only else second
    assert life.attempt(_without(before, path)) <= REFUSALS
    lives.keep(shared, path)


@every_parent
def test_what_is_taken_out_with_its_parts_is_gone_or_the_plan_is_refused(
    lives: Lives, type_: str, path: Pattern, parent: Pattern
) -> None:
    life = shared = lives.of(type_, lives.minimal(type_))
    spec = with_sample(lives, type_, path, 0)
    if life.apply(spec).action is Action.REPLACE:
        life = lives.another(life, spec)
    assert life.attempt(_without(spec, parent)) <= REFUSALS
    lives.keep(shared, path)


def _without(tree: Any, path: Pattern) -> Any:
    """The tree without what is at the path; of a list, its first element is taken."""
    first, rest = path[0], path[1:]
    if first == "*":
        return [_without(tree[0], rest), *tree[1:]] if rest else tree[1:]
    below = {first: _without(tree[first], rest)} if rest else {}
    return {**{name: item for name, item in tree.items() if name != first}, **below}
