"""Subscriptions of SNS that somebody has yet to confirm."""

from __future__ import annotations

from typing import Any

import pytest

from gitbot.errors import CloudError
from gitbot.model.plan import Action
from tests.contract.aws.cases.sns import a_topic
from tests.contract.aws.life import Life
from tests.contract.aws.world import AwsWorld

MAIL = {"Protocol": "email", "Endpoint": "ml@example.com"}
TOPIC, SUBSCRIPTION = "AWS::SNS::Topic", "AWS::SNS::Subscription"


def test_a_subscription_that_nobody_has_confirmed_is_left_to_sns(world: AwsWorld) -> None:
    """SNS refuses to remove it, and forgets it after 48 hours: a destroy must not wait for that."""
    spec = {"TopicArn": a_topic(world), **MAIL}
    remote_id = world.create(SUBSCRIPTION, spec)
    assert remote_id.startswith("arn:")
    world.aws.forget_calls()
    world.cloud.delete(world.operation(SUBSCRIPTION, spec, within_s=5), remote_id)
    assert "sns.Unsubscribe" not in [str(call) for call in world.aws.calls]


def test_making_it_again_gives_the_same_one(world: AwsWorld) -> None:
    spec = {"TopicArn": a_topic(world), **MAIL}
    operation = world.operation(SUBSCRIPTION, spec)
    assert world.cloud.create(operation) == world.cloud.create(operation)


QUEUE = {"Protocol": "sqs", "Endpoint": "arn:aws:sqs:us-east-1:123456789012:jobs"}


@pytest.mark.parametrize("after", [{"Subscription": [QUEUE]}, {"Subscription": []}])
def test_a_topic_leaves_one_that_nobody_has_confirmed_to_sns(
    world: AwsWorld, after: dict[str, Any]
) -> None:
    """It is told, and neither fails each apply for 48 hours nor is planned again."""
    name, life = {"TopicName": "news"}, Life(world, TOPIC)
    made = life.apply({**name, "Subscription": [MAIL, QUEUE]})
    assert "confirms the subscription" in "".join(made.reasons)
    assert life.change({**name, "Subscription": [QUEUE, MAIL]}).action is Action.NOOP
    world.aws.forget_calls()
    gone = life.apply(name | after)
    assert "Nobody has confirmed the subscription of ml@example.com" in "".join(gone.reasons)
    asked = [str(call) for call in world.aws.calls].count("sns.Unsubscribe")
    assert asked == (0 if after.get("Subscription") else 1)
    assert life.change(name | after).action is Action.NOOP
    back = life.apply({**name, "Subscription": [MAIL]})
    assert "confirms the subscription" in "".join(back.reasons)
    assert "Nobody has confirmed" not in "".join(back.reasons)


def test_what_is_confirmed_later_is_drift_of_its_topic(world: AwsWorld) -> None:
    life, empty = Life(world, TOPIC), {"TopicName": "news", "Subscription": []}
    life.apply({"TopicName": "news", "Subscription": [MAIL]})
    life.apply(empty)
    sns = world.aws.client("sns")
    assert life.change(empty).action is Action.NOOP
    sns.subscribe(TopicArn=life.remote_id, **QUEUE)
    assert life.change(empty).action is Action.UPDATE


@pytest.mark.parametrize("more", [{"Region": "eu-west-1"}, {}])
def test_a_subscription_is_made_where_its_topic_is(world: AwsWorld, more: dict[str, str]) -> None:
    """SNS takes it in the topic's region alone: a stack of another region says so, and makes nothing."""
    topic = a_topic(world) if more else "arn:aws:sns:eu-west-1:123456789012:news"
    spec = {"TopicArn": topic, **MAIL, **more}
    world.aws.forget_calls()
    with pytest.raises(
        CloudError, match=r"is not in eu-west-1|Declare its subscriptions in a stack"
    ):
        world.create(SUBSCRIPTION, spec)
    assert "sns.Subscribe" not in [str(call) for call in world.aws.calls]


def test_a_topic_that_keeps_messages_is_left_as_it_is(world: AwsWorld) -> None:
    """SNS would refuse; what it keeps is only given up by a spec that says so."""
    spec = {"FifoTopic": True, "ArchivePolicy": {"MessageRetentionPeriod": "30"}}
    remote_id = world.create(TOPIC, spec)
    with pytest.raises(CloudError, match=r"Set `ArchivePolicy: \{\}` and apply that first"):
        world.cloud.delete(world.operation(TOPIC, spec), remote_id)
    life = Life(world, TOPIC, remote_id, recorded=spec)
    shorter = {**spec, "ArchivePolicy": {"MessageRetentionPeriod": 10}}
    assert life.apply(shorter).action is Action.UPDATE
    assert life.apply({"FifoTopic": True}).action is Action.UPDATE
    world.cloud.delete(world.operation(TOPIC, {"FifoTopic": True}), remote_id)
    assert world.is_absent(TOPIC, remote_id)
