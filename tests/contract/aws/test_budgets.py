"""Tests for what only budgets have: names inside of a property, and amounts that are texts."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from botocore.exceptions import ClientError

from gitbot.errors import ConflictError
from gitbot.model.observed import Absent, Present
from tests.contract.aws.cases.budgets import TOPIC, budget, changes, limit, notification
from tests.contract.aws.test_identities import read_many
from tests.contract.aws.world import AwsWorld

BUDGET = "AWS::Budgets::Budget"
ACCOUNT = "123456789012"
TEN = [f"user-{number}@example.com" for number in range(10)]


def topic(suffix: str = "") -> dict[str, str]:
    return {"SubscriptionType": "SNS", "Address": f"{TOPIC}{suffix}"}


def told(*addresses: str, more: tuple[dict[str, str], ...] = ()) -> dict[str, Any]:
    """A notification to these addresses, and to more subscribers."""
    one = notification(80, *addresses)
    return {**one, "Subscribers": [*one["Subscribers"], *more]}


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


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(told(more=(topic(),)), told(more=(topic("-new"),)), id="the only topic"),
        pytest.param(
            told("ada@example.com", more=(topic(),)),
            told("ada@example.com", more=(topic("-new"),)),
            id="the topic beside an address",
        ),
        pytest.param(told(*TEN), told(*TEN[1:], "new@example.com"), id="one of ten addresses"),
        pytest.param(told(*TEN), told(*(f"new-{one}" for one in TEN)), id="ten addresses"),
    ],
)
def test_subscribers_are_replaced_within_the_limits_of_a_notification(
    world: AwsWorld, before: dict[str, Any], after: dict[str, Any]
) -> None:
    one, other = (
        {"Budget": limit(100), "NotificationsWithSubscribers": [each]} for each in (before, after)
    )
    name = world.create(BUDGET, one)
    world.update(BUDGET, name, one, other)
    assert world.differences(BUDGET, name, other) == ()


def test_the_local_aws_refuses_a_second_topic_an_eleventh_address_and_notification(
    world: AwsWorld,
) -> None:
    client = world.aws.client("budgets")
    named = {"AccountId": ACCOUNT, "BudgetName": "contract"}
    full = told(*TEN, more=(topic(),))
    kept = {key: str(value) for key, value in limit(100)["BudgetLimit"].items()}
    made = {"AccountId": ACCOUNT, "Budget": limit(100, BudgetLimit=kept)}
    beyond = [notification(number, "ada@example.com") for number in range(1, 12)]
    refused = client.exceptions.CreationLimitExceededException
    for wrong in ([told(*TEN, "x@example.com")], [told(more=(topic(), topic("-new")))], beyond):
        with pytest.raises(refused):
            client.create_budget(**made, NotificationsWithSubscribers=wrong)
    client.create_budget(**made, NotificationsWithSubscribers=[full, *beyond[:9]])
    for one in (topic("-new"), notification(80, "x@example.com")["Subscribers"][0]):
        with pytest.raises(refused):
            client.create_subscriber(**named, Notification=full["Notification"], Subscriber=one)
    with pytest.raises(refused):
        client.create_notification(**named, **beyond[10])


def test_a_notification_goes_with_its_last_subscriber(world: AwsWorld) -> None:
    """As AWS documents it: who takes the last one away cannot add one afterwards."""
    one = told("ada@example.com")
    name = world.create(BUDGET, {"Budget": limit(100), "NotificationsWithSubscribers": [one]})
    client, [ada] = world.aws.client("budgets"), one["Subscribers"]
    about = {"AccountId": ACCOUNT, "BudgetName": name, "Notification": one["Notification"]}
    client.delete_subscriber(**about, Subscriber=ada)
    with pytest.raises(ClientError, match="Unable to find the notification"):
        client.create_subscriber(**about, Subscriber=ada)
