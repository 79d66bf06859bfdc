"""Tests for what only budgets have: names inside of a property, and amounts that are texts."""

from __future__ import annotations

from collections import Counter

import pytest

from gitbot.errors import ConflictError
from gitbot.model.observed import Absent, Present
from tests.contract.aws.cases.budgets import budget, changes, limit
from tests.contract.aws.test_identities import read_many
from tests.contract.aws.world import AwsWorld

BUDGET = "AWS::Budgets::Budget"


def test_a_budget_of_somebody_else_with_the_name_is_a_conflict_and_nothing_is_changed(
    world: AwsWorld,
) -> None:
    spec = budget(world)
    name = world.create(BUDGET, spec, token="5" * 32)
    with pytest.raises(ConflictError, match="import"):
        world.cloud.create(world.operation(BUDGET, {**spec, **changes(world)}))
    assert world.differences(BUDGET, name, spec) == ()


def test_many_budgets_are_listed_in_pages_and_tags_and_notifications_cost_a_call_each(
    world: AwsWorld,
) -> None:
    names = [f"budget-{number}" for number in range(5)]
    for name in names:
        world.create(BUDGET, {"Budget": {**limit(100), "BudgetName": name}})
    world.aws.forget_calls()
    found = read_many(world, BUDGET, [*names, "gone"])
    calls = Counter(one.operation for one in world.aws.calls)
    assert calls == {
        "DescribeBudgets": 1,
        "DescribeNotificationsForBudget": len(names),
        "ListTagsForResource": len(names),
    }
    assert isinstance(found["gone"], Absent)
    assert all(isinstance(found[name], Present) for name in names)


def test_an_amount_is_the_same_however_it_is_written(world: AwsWorld) -> None:
    name = world.create(BUDGET, {"Budget": limit(100)})
    assert world.differences(BUDGET, name, {"Budget": limit(100.0)}) == ()
    assert world.differences(BUDGET, name, {"Budget": limit(101)}) != ()
